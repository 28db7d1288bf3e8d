//! What a request says of its sender: `user-agent` and `amz-sdk-invocation-id`.

/// `product/version ua/2.1 [app/NAME]`. The application's name is an RFC 9110 token;
/// a character that is not allowed becomes `-`, as in the AWS SDKs.
pub(crate) fn user_agent(app_id: Option<&str>) -> String {
    let mut out = concat!("lambda-invocation/", env!("CARGO_PKG_VERSION"), " ua/2.1").to_owned();
    if let Some(app_id) = app_id.filter(|id| !id.is_empty()) {
        out.push_str(" app/");
        out.extend(app_id.chars().map(|c| {
            let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
            if u8::try_from(c).is_ok_and(token) {
                c
            } else {
                '-'
            }
        }));
    }
    out
}

/// RFC 9562 version 4.
pub(crate) fn uuid(mut bytes: [u8; 16]) -> String {
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = (*version & 0x0f) | 0x40;
    *variant = (*variant & 0x3f) | 0x80;
    let digits = hex::encode(bytes);
    let mut out = String::with_capacity(36);
    for part in [0..8, 8..12, 12..16, 16..20, 20..32] {
        if part.start > 0 {
            out.push('-');
        }
        out.push_str(digits.get(part).unwrap_or_default());
    }
    out
}
