use lambda_invocation_tests::server::*;
use std::time::*;
fn main(){
 let (u,_k)=refusing(); let (f,_k2)=full();
 for url in [u,f]{
  let a: std::net::SocketAddr=url[7..].parse().unwrap();
  let t=Instant::now();
  println!("{url} {:?} {:?}", std::net::TcpStream::connect_timeout(&a,Duration::from_millis(500)), t.elapsed());
 }
 let s=Server::start(|c| c.reset());
 println!("{:?}", std::process::Command::new("curl").args(["-sS",s.url()]).output());
 let s=Server::start(|mut c| {c.read_a_little()?; c.stall()});
 println!("{:?}", std::process::Command::new("curl").args(["-sS","-m","1",s.url()]).output());
}
