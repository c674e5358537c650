//! What the library keeps of the settings it was made with: all of them apply at client-start.

use crate::client::net::NetParams;
use crate::params::{Acks, ProducerParams};
use ackscope_kernel::Span;
use borsh::BorshSerialize;

/// The settings of one producer in the units of its state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(crate) struct Config {
    /// As the protocol writes it: 0, 1 or -1.
    pub(super) acks: i8,
    /// enable.idempotence, after the rules that switch it off.
    pub(super) idempotent: bool,
    /// How often a batch may be sent again.
    pub(super) retries: u32,
    /// max.in.flight.requests.per.connection.
    pub(super) max_in_flight: u32,
    /// delivery.timeout.ms.
    pub(super) delivery_timeout: Span,
    /// request.timeout.ms, as it goes to the broker.
    pub(super) request_timeout_ms: i64,
    /// linger.ms.
    pub(super) linger: Span,
    /// batch.size in bytes; 0 counts as 1 (`KafkaProducer`).
    pub(super) batch_size: u64,
    /// buffer.memory in bytes.
    pub(super) buffer_memory: u64,
    /// max.block.ms.
    pub(super) max_block: Span,
    /// max.request.size in bytes.
    pub(super) max_request_size: u64,
    /// retry.backoff.ms and retry.backoff.max.ms.
    pub(super) retry: (Span, Span),
}

impl Config {
    pub(super) fn new(params: &ProducerParams) -> Self {
        let bytes = |value: i64| u64::try_from(value).unwrap_or(0);
        Config {
            acks: match params.acks {
                Acks::Zero => 0,
                Acks::One => 1,
                Acks::All => -1,
            },
            idempotent: params.idempotent,
            retries: u32::try_from(params.retries).unwrap_or(0),
            max_in_flight: u32::try_from(params.max_in_flight_requests_per_connection)
                .unwrap_or(u32::MAX)
                .max(1),
            delivery_timeout: Span::ms(params.delivery_timeout_ms),
            request_timeout_ms: params.request_timeout_ms,
            // `KafkaProducer.lingerMs` cuts it to an int.
            linger: Span::ms(params.linger_ms.min(i64::from(i32::MAX))),
            batch_size: bytes(params.batch_size).max(1),
            buffer_memory: bytes(params.buffer_memory),
            max_block: Span::ms(params.max_block_ms),
            max_request_size: bytes(params.max_request_size),
            retry: (
                Span::ms(params.retry_backoff_ms),
                Span::ms(params.retry_backoff_max_ms),
            ),
        }
    }

    /// With one request in flight a partition waits until its batch is answered
    /// (`guaranteeMessageOrder`).
    pub(super) fn mutes(&self) -> bool {
        self.max_in_flight == 1
    }
}

/// The settings of the network client.
pub(super) fn net_params(params: &ProducerParams) -> NetParams {
    NetParams {
        request_timeout: Span::ms(params.request_timeout_ms),
        reconnect: (
            Span::ms(params.reconnect_backoff_ms),
            Span::ms(params.reconnect_backoff_max_ms),
        ),
        retry: (
            Span::ms(params.retry_backoff_ms),
            Span::ms(params.retry_backoff_max_ms),
        ),
        setup_timeout: Span::ms(params.socket_connection_setup_timeout_ms),
        metadata_max_age: Span::ms(params.metadata_max_age_ms),
    }
}
