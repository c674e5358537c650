//! AMQP 0-9-1 reply codes and the texts that go with them (reference 1 and 1.15).

use borsh::BorshSerialize;
use std::sync::Arc;

/// A reply code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
#[allow(missing_docs, reason = "each is the AMQP constant of the same name")]
pub enum Code {
    ReplySuccess,
    ContentTooLarge,
    NoRoute,
    NoConsumers,
    ConnectionForced,
    InvalidPath,
    AccessRefused,
    NotFound,
    ResourceLocked,
    PreconditionFailed,
    FrameError,
    SyntaxError,
    CommandInvalid,
    ChannelError,
    UnexpectedFrame,
    ResourceError,
    NotAllowed,
    NotImplemented,
    InternalError,
}

impl Code {
    /// The number.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Code::ReplySuccess => 200,
            Code::ContentTooLarge => 311,
            Code::NoRoute => 312,
            Code::NoConsumers => 313,
            Code::ConnectionForced => 320,
            Code::InvalidPath => 402,
            Code::AccessRefused => 403,
            Code::NotFound => 404,
            Code::ResourceLocked => 405,
            Code::PreconditionFailed => 406,
            Code::FrameError => 501,
            Code::SyntaxError => 502,
            Code::CommandInvalid => 503,
            Code::ChannelError => 504,
            Code::UnexpectedFrame => 505,
            Code::ResourceError => 506,
            Code::NotAllowed => 530,
            Code::NotImplemented => 540,
            Code::InternalError => 541,
        }
    }

    /// The name, as close frames carry it before the text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Code::ReplySuccess => "OK",
            Code::ContentTooLarge => "CONTENT_TOO_LARGE",
            Code::NoRoute => "NO_ROUTE",
            Code::NoConsumers => "NO_CONSUMERS",
            Code::ConnectionForced => "CONNECTION_FORCED",
            Code::InvalidPath => "INVALID_PATH",
            Code::AccessRefused => "ACCESS_REFUSED",
            Code::NotFound => "NOT_FOUND",
            Code::ResourceLocked => "RESOURCE_LOCKED",
            Code::PreconditionFailed => "PRECONDITION_FAILED",
            Code::FrameError => "FRAME_ERROR",
            Code::SyntaxError => "SYNTAX_ERROR",
            Code::CommandInvalid => "COMMAND_INVALID",
            Code::ChannelError => "CHANNEL_ERROR",
            Code::UnexpectedFrame => "UNEXPECTED_FRAME",
            Code::ResourceError => "RESOURCE_ERROR",
            Code::NotAllowed => "NOT_ALLOWED",
            Code::NotImplemented => "NOT_IMPLEMENTED",
            Code::InternalError => "INTERNAL_ERROR",
        }
    }

    /// Whether it closes the whole connection rather than the channel
    /// (`rabbit_framing_amqp_0_9_1:is_amqp_hard_error_code`).
    #[must_use]
    pub fn is_hard(self) -> bool {
        !matches!(
            self,
            Code::ReplySuccess
                | Code::ContentTooLarge
                | Code::NoRoute
                | Code::NoConsumers
                | Code::AccessRefused
                | Code::NotFound
                | Code::ResourceLocked
                | Code::PreconditionFailed
        )
    }
}

/// A code with its text: what a close frame carries.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Reply {
    /// The code.
    pub code: Code,
    /// RabbitMQ's own words.
    pub text: Arc<str>,
}

impl Reply {
    /// A reply.
    #[must_use]
    pub fn new(code: Code, text: impl Into<Arc<str>>) -> Reply {
        Reply {
            code,
            text: text.into(),
        }
    }

    /// An error that closes a channel or a connection: the text begins with the code's name, as in
    /// `NOT_FOUND - no queue 'q' in vhost '/'` (`rabbit_misc:protocol_error`).
    #[must_use]
    pub fn error(code: Code, text: impl AsRef<str>) -> Reply {
        Reply::new(code, format!("{} - {}", code.name(), text.as_ref()))
    }

    /// The same with the code's name before the text, if it is not there.
    #[must_use]
    pub fn named(self) -> Reply {
        if self.text.starts_with(self.code.name()) {
            return self;
        }
        Reply::error(self.code, self.text)
    }
}
