//! HTTP/1.1 messages, one after the other on a connection.

use std::io::{self, BufRead, Read};

/// No more than this is read of a head, nor of a body.
const MAX_SIZE: u64 = 64 << 20;

/// A request or an answer.
#[derive(Debug)]
pub(super) struct Message {
    /// The first line, the headers, and the empty line behind them, as they came.
    head: Vec<u8>,
    /// The body, as it came.
    body: Vec<u8>,
    is_chunked: bool,
}

impl Message {
    /// The next one; none where the connection ends. An answer to `HEAD` or of 1xx is not understood.
    pub(super) fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        loop {
            let start = head.len();
            from.take(MAX_SIZE).read_until(b'\n', &mut head)?;
            match head.get(start..) {
                Some(b"") if start == 0 => return Ok(None),
                Some(b"\r\n") if start > 0 => break,
                Some([.., b'\n']) => {}
                _ => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let mut message = Self {
            head,
            body: Vec::new(),
            is_chunked: false,
        };
        message.is_chunked = message.header("transfer-encoding") == Some("chunked");
        let length = message.header("content-length").map(str::parse);
        match length.transpose().map_err(io::Error::other)? {
            _ if message.is_chunked => message.body = chunks(from)?,
            None if message.status().is_some_and(|status| status != 204) => {
                return Err(io::Error::other("an answer that does not tell its length"));
            }
            length => message.body = exactly(from, length.unwrap_or(0))?,
        }
        Ok(Some(message))
    }

    /// The value of a header, the first of its name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.lines().skip(1);
        lines.find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// What an answer's first line says. A request has none.
    pub(super) fn status(&self) -> Option<u16> {
        let mut words = self.lines().next()?.split(' ');
        words
            .next()?
            .starts_with("HTTP/")
            .then_some(words.next()?)?
            .parse()
            .ok()
    }

    /// Method and path of a request, without the query.
    pub(super) fn target(&self) -> String {
        let mut words = self.lines().next().unwrap_or_default().split(' ');
        let method = words.next().unwrap_or_default();
        let path = words.next().unwrap_or_default().split('?').next();
        format!("{method} {}", path.unwrap_or_default())
    }

    /// All of it, as it came.
    pub(super) fn bytes(&self) -> Vec<u8> {
        [self.head.as_slice(), &self.body].concat()
    }

    /// The body without what it came in.
    pub(super) fn content(&self) -> io::Result<Vec<u8>> {
        if !self.is_chunked {
            return Ok(self.body.clone());
        }
        let mut rest = self.body.as_slice();
        let mut content = Vec::new();
        loop {
            let size = chunk_size(&mut rest)?.0;
            if size == 0 {
                return Ok(content);
            }
            content.extend(exactly(&mut rest, size)?);
            exactly(&mut rest, 2)?;
        }
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        str::from_utf8(&self.head).unwrap_or_default().lines()
    }
}

/// Chunks as they come, and the empty line after the last one. Trailers are not understood.
fn chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let (size, line) = chunk_size(from)?;
        all.extend(line);
        all.extend(exactly(from, size + 2)?);
        if size == 0 {
            return Ok(all);
        }
    }
}

fn chunk_size(from: &mut impl BufRead) -> io::Result<(u64, Vec<u8>)> {
    let mut line = Vec::new();
    from.take(MAX_SIZE).read_until(b'\n', &mut line)?;
    let text = str::from_utf8(&line).unwrap_or_default().trim_end();
    let size = u64::from_str_radix(text, 16).map_err(io::Error::other)?;
    Ok((size, line))
}

fn exactly(from: &mut impl BufRead, length: u64) -> io::Result<Vec<u8>> {
    if length > MAX_SIZE {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut text: &[u8]) -> Vec<Message> {
        let mut messages = Vec::new();
        while let Some(message) = Message::read(&mut text).unwrap() {
            messages.push(message);
        }
        messages
    }

    #[test]
    fn messages_end_where_they_say() {
        let text = b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n\
            PUT /b HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}\
            HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{\"a\r\n3\r\n\":1\r\n1\r\n}\r\n0\r\n\r\n\
            HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx";
        let found = all(text);
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.target(), one.status(), one.content().unwrap()))
            .collect();
        assert_eq!(told[0], ("GET /a".to_owned(), None, Vec::new()));
        assert_eq!(told[1], ("PUT /b".to_owned(), None, b"{}".to_vec()));
        assert_eq!((told[2].1, &*told[2].2), (Some(200), &b"{\"a\":1}"[..]));
        assert_eq!((told[3].1, &*told[3].2), (Some(404), &b"x"[..]));
        let again: Vec<u8> = found.iter().flat_map(Message::bytes).collect();
        assert_eq!(again, text);
    }

    #[test]
    fn what_is_cut_off_is_no_message() {
        for mut text in [
            &b"GET / HT"[..],
            b"GET / HTTP/1.1\r\nHost: x\r\n",
            b"PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}",
            b"HTTP/1.1 200 OK\r\n\r\nwhat is there until the end",
        ] {
            assert!(Message::read(&mut text).is_err());
        }
    }
}
