//! Values of Terraform's language, and their encodings.
//!
//! Source: [object-wire-format.md] in Terraform's documentation of the plugin protocol.
//!
//! [object-wire-format.md]: https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/object-wire-format.md

use std::collections::BTreeMap;
use std::fmt;

use lambda_invocation_engine::Spelling;
use rmpv::Value as Packed;

use crate::protocol::DynamicValue;

/// The attributes of an object or the elements of a map, by their names.
pub type Members = BTreeMap<String, Value>;

/// A value. `Debug` shows its kind only.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Not set.
    Null,
    /// Not known before something is applied.
    Unknown,
    Bool(bool),
    Number(Number),
    Text(String),
    /// A list, a set or a tuple.
    List(Vec<Value>),
    /// A map, an object or a block.
    Map(Members),
}

/// A number, as exactly as it came.
#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    Integer(i64),
    Float(f64),
    /// One that fits neither, in decimal digits.
    Decimal(String),
}

/// Why bytes are no value.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Terraform sent a value that cannot be read")
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Unknown => "unknown",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "list",
            Self::Map(_) => "map",
        })
    }
}

impl Value {
    /// Reads what Terraform sent. A value that was left out is null.
    ///
    /// # Errors
    ///
    /// [`Malformed`] when it is not a value in either encoding.
    pub fn decode(encoded: Option<&DynamicValue>) -> Result<Self, Malformed> {
        match encoded {
            None => Ok(Self::Null),
            Some(DynamicValue { msgpack, json }) if msgpack.is_empty() => Self::from_json(json),
            Some(DynamicValue { msgpack, .. }) => {
                let mut rest = msgpack.as_slice();
                let packed = rmpv::decode::read_value(&mut rest).map_err(|_| Malformed)?;
                if !rest.is_empty() {
                    return Err(Malformed);
                }
                Self::unpack(packed)
            }
        }
    }

    /// Reads what a state file holds.
    ///
    /// # Errors
    ///
    /// [`Malformed`] when it is not JSON.
    pub fn from_json(json: &[u8]) -> Result<Self, Malformed> {
        if json.is_empty() {
            return Ok(Self::Null);
        }
        let value: serde_json::Value = serde_json::from_slice(json).map_err(|_| Malformed)?;
        Ok(value.into())
    }

    /// Encodes it for Terraform.
    pub fn encode(self) -> DynamicValue {
        let mut msgpack = Vec::new();
        // Writing to memory does not fail.
        let _ = rmpv::encode::write_value(&mut msgpack, &self.pack());
        DynamicValue {
            msgpack,
            json: Vec::new(),
        }
    }

    fn unpack(packed: Packed) -> Result<Self, Malformed> {
        Ok(match packed {
            Packed::Nil => Self::Null,
            Packed::Boolean(value) => Self::Bool(value),
            Packed::Integer(integer) => Self::Number(match integer.as_i64() {
                Some(integer) => Number::Integer(integer),
                None => Number::Decimal(integer.to_string()),
            }),
            Packed::F32(float) => Self::Number(Number::Float(float.into())),
            Packed::F64(float) => Self::Number(Number::Float(float)),
            Packed::String(text) => Self::Text(text.into_str().ok_or(Malformed)?),
            Packed::Array(elements) => Self::List(
                elements
                    .into_iter()
                    .map(Self::unpack)
                    .collect::<Result<_, _>>()?,
            ),
            Packed::Map(members) => Self::Map(
                members
                    .into_iter()
                    .map(|(name, value)| match name {
                        Packed::String(name) => {
                            Ok((name.into_str().ok_or(Malformed)?, Self::unpack(value)?))
                        }
                        _ => Err(Malformed),
                    })
                    .collect::<Result<_, _>>()?,
            ),
            // 0, or 12 with what is known of the value already, or one of the future.
            Packed::Ext(_, _) => Self::Unknown,
            Packed::Binary(_) => return Err(Malformed),
        })
    }

    fn pack(self) -> Packed {
        match self {
            Self::Null => Packed::Nil,
            Self::Unknown => Packed::Ext(0, vec![0]),
            Self::Bool(value) => value.into(),
            Self::Number(Number::Integer(integer)) => integer.into(),
            Self::Number(Number::Float(float)) => float.into(),
            Self::Number(Number::Decimal(digits)) => digits.into(),
            Self::Text(text) => text.into(),
            Self::List(elements) => Packed::Array(elements.into_iter().map(Self::pack).collect()),
            Self::Map(members) => Packed::Map(
                members
                    .into_iter()
                    .map(|(name, value)| (name.into(), value.pack()))
                    .collect(),
            ),
        }
    }

    /// Whether all of it is known.
    pub fn is_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::List(elements) => elements.iter().all(Self::is_known),
            Self::Map(members) => members.values().all(Self::is_known),
            _ => true,
        }
    }

    /// The text it is, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl lambda_invocation_engine::Value for Value {
    const SPELLING: Spelling = Spelling::Snake;

    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    fn is_known(&self) -> bool {
        self.is_known()
    }

    fn as_text(&self) -> Option<&str> {
        self.as_text()
    }

    fn as_flag(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "what is counted here is small")]
            Self::Number(Number::Integer(integer)) => Some(*integer as f64),
            Self::Number(Number::Float(float)) => Some(*float),
            Self::Number(Number::Decimal(digits)) | Self::Text(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    fn as_elements(&self) -> Option<&[Self]> {
        match self {
            Self::List(elements) => Some(elements),
            _ => None,
        }
    }

    fn as_members(&self) -> Option<&Members> {
        match self {
            Self::Map(members) => Some(members),
            _ => None,
        }
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(value),
            Json::Number(number) => Self::Number(match (number.as_i64(), number.as_f64()) {
                (Some(integer), _) => Number::Integer(integer),
                (None, Some(float)) if !number.is_u64() => Number::Float(float),
                _ => Number::Decimal(number.to_string()),
            }),
            Json::String(text) => Self::Text(text),
            Json::Array(elements) => Self::List(elements.into_iter().map(Self::from).collect()),
            Json::Object(members) => Self::Map(
                members
                    .into_iter()
                    .map(|(name, value)| (name, value.into()))
                    .collect(),
            ),
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Number(Number::Integer(integer))
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(packed: &Packed) -> Result<Value, Malformed> {
        let mut msgpack = Vec::new();
        rmpv::encode::write_value(&mut msgpack, packed).unwrap();
        Value::decode(Some(&DynamicValue {
            msgpack,
            json: Vec::new(),
        }))
    }

    #[test]
    fn what_is_not_known_comes_plain_or_refined_and_goes_plain() {
        // With what Terraform knows of it: that it is not null (1), and how it begins (2).
        let mut refined = Vec::new();
        let refinements = Packed::Map(vec![
            (1.into(), Packed::Boolean(false)),
            (2.into(), "[1, ".into()),
        ]);
        rmpv::encode::write_value(&mut refined, &refinements).unwrap();
        for unknown in [Packed::Ext(0, vec![0]), Packed::Ext(12, refined)] {
            assert_eq!(decoded(&unknown), Ok(Value::Unknown));
            let object = Packed::Map(vec![("a".into(), unknown.clone())]);
            let object = decoded(&object).unwrap();
            assert!(!object.is_known());
            let list = decoded(&Packed::Array(vec![Packed::Nil, unknown])).unwrap();
            assert!(!list.is_known());
        }
        // fixext 1 of type 0, as Terraform's documentation has it.
        assert_eq!(Value::Unknown.encode().msgpack, [0xd4, 0, 0]);
    }

    #[test]
    fn values_come_back_as_they_went() {
        for value in [
            Value::Null,
            Value::Unknown,
            Value::Bool(true),
            5_i64.into(),
            Value::Number(Number::Float(0.5)),
            "text".into(),
            Value::List(vec!["a".into(), Value::Null]),
            Value::Map(Members::from([("a".to_owned(), Value::Unknown)])),
        ] {
            assert_eq!(Value::decode(Some(&value.clone().encode())), Ok(value));
        }
        // A number of more digits than a double holds goes as text.
        let large = Number::Decimal("18446744073709551615".to_owned());
        assert_eq!(decoded(&u64::MAX.into()), Ok(Value::Number(large)));
    }

    #[test]
    fn bytes_that_are_no_value_are_refused() {
        for msgpack in [
            &[0xa2, b'a'][..],
            &[0xc0, 0xc0],
            &[0x81, 0x01, 0xc0],
            &[0xa1, 0xff],
            &[0xc4, 0x00],
        ] {
            let encoded = DynamicValue {
                msgpack: msgpack.to_vec(),
                json: Vec::new(),
            };
            assert_eq!(
                Value::decode(Some(&encoded)),
                Err(Malformed),
                "{msgpack:x?}"
            );
        }
        assert_eq!(Value::from_json(b"{"), Err(Malformed));
        assert_eq!(Value::decode(None), Ok(Value::Null));
    }
}
