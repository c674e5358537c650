//! Client libraries and what applications do with them (rabbitmq.md 1.2, 1.8, 1.14).

use super::rules;
use super::types::RetryPolicy;

ackscope_params::params! {
    /// What a client library obeys.
    pub struct LibraryParams in "client-library", rules rules::library;
    fields {
        /// How long a publisher waits for a confirm before it counts the message as failed.
        publisher_confirm_wait_timeout: Option<i64> {
            "publisher.confirm_wait_timeout", DurationMs,
            ">=0 (none = for ever; see the library rows)", ["none", "none", "none", "none", "none"],
            "client-start", "1.2", affects [Loss, Duplication, Latency],
        }
        /// How many messages a publisher may have unconfirmed.
        publisher_outstanding_confirm_limit: Option<i64> {
            "publisher.outstanding_confirm_limit", Int,
            ">=1 (1 = publish and wait; none = no limit)", ["none", "none", "none", "none", "none"],
            "client-start", "1.2", affects [Order, Latency],
        }
        /// When a publisher sends a message again: never, after a nack, or also after a time-out
        /// and after a lost connection.
        publisher_retry_policy: RetryPolicy {
            "publisher.retry_policy", Enum, "none|on-nack|on-nack-timeout-reconnect",
            ["none", "none", "none", "none", "none"], "client-start", "1.2",
            affects [Loss, Duplication, Order], safer ["on-nack-timeout-reconnect"],
        }
        /// The heartbeat that the Java client asks for.
        java_connection_factory_requested_heartbeat: i64 {
            "java.ConnectionFactory.requestedHeartbeat", Int, "seconds, >=0",
            ["60", "60", "60", "60", "60"], "client-start", "1.14", affects [Latency, Availability],
        }
        /// How long the Java client waits for a TCP connection.
        java_connection_factory_connection_timeout: i64 {
            "java.ConnectionFactory.connectionTimeout", DurationMs, ">=0",
            ["60000", "60000", "60000", "60000", "60000"], "client-start", "1.14",
            affects [Latency, Availability],
        }
        /// How long it waits for the AMQP handshake.
        java_connection_factory_handshake_timeout: i64 {
            "java.ConnectionFactory.handshakeTimeout", DurationMs, ">=0",
            ["10000", "10000", "10000", "10000", "10000"], "client-start", "1.14",
            affects [Latency, Availability],
        }
        /// How long it waits for the answer to a call.
        java_connection_factory_channel_rpc_timeout: i64 {
            "java.ConnectionFactory.channelRpcTimeout", DurationMs, ">=0",
            ["600000", "600000", "600000", "600000", "600000"], "client-start", "1.14",
            affects [Latency, Availability],
        }
        /// Whether it opens a lost connection again, with its channels; it never publishes again.
        java_connection_factory_automatic_recovery: bool {
            "java.ConnectionFactory.automaticRecovery", Bool, "true|false",
            ["true", "true", "true", "true", "true"], "client-start", "1.14",
            aliases ["automatic recovery"], affects [Availability], safer ["true"],
        }
        /// Whether it declares queues and subscribes consumers again after that.
        java_connection_factory_topology_recovery: bool {
            "java.ConnectionFactory.topologyRecovery", Bool, "true|false",
            ["true", "true", "true", "true", "true"], "client-start", "1.14",
            affects [Availability], safer ["true"],
        }
        /// How long it waits between two attempts to connect.
        java_connection_factory_network_recovery_interval: i64 {
            "java.ConnectionFactory.networkRecoveryInterval", DurationMs, ">=0",
            ["5000", "5000", "5000", "5000", "5000"], "client-start", "1.14",
            affects [Latency, Availability],
        }
        /// How long waitForConfirms blocks at most.
        java_channel_wait_for_confirms_timeout: i64 {
            "java.Channel.waitForConfirms.timeout", DurationMs,
            ">=0, 0 = for ever (OrDie closes the channel on nack or timeout)",
            ["0", "0", "0", "0", "0"], "per-call", "1.14",
            aliases ["waitForConfirms", "waitForConfirmsOrDie"], affects [Latency, Availability],
        }
        /// Whether a consumer of the Java client acknowledges nothing itself.
        java_channel_basic_consume_auto_ack: bool {
            "java.Channel.basicConsume.autoAck", Bool, "true|false",
            ["false", "false", "false", "false", "false"], "per-call", "1.14",
            affects [Loss, Duplication], safer ["false"],
        }
        /// Whether channels of the .NET client are in confirm mode.
        dotnet_create_channel_options_publisher_confirmations_enabled: bool {
            "dotnet.CreateChannelOptions.publisherConfirmationsEnabled", Bool, "true|false",
            ["false", "false", "false", "false", "false"], "client-start", "1.14", affects [Loss],
            safer ["true"],
        }
        /// Whether a publish of the .NET client waits for its confirm and throws on a nack or
        /// return.
        dotnet_create_channel_options_publisher_confirmation_tracking_enabled: bool {
            "dotnet.CreateChannelOptions.publisherConfirmationTrackingEnabled", Bool, "true|false",
            ["false", "false", "false", "false", "false"], "client-start", "1.14", affects [Loss],
            safer ["true"],
        }
        /// How many publishes of the .NET client may wait for their confirm.
        dotnet_create_channel_options_outstanding_publisher_confirmations_rate_limiter: i64 {
            "dotnet.CreateChannelOptions.outstandingPublisherConfirmationsRateLimiter", Int,
            "permits, delays from 50 % usage (none = no limit)",
            ["128", "128", "128", "128", "128"], "client-start", "1.14", affects [Latency],
        }
        /// Whether Spring's template uses confirms, and how it matches them with messages.
        spring_publisher_confirm_type: String {
            "spring.publisher-confirm-type", Enum, "NONE|SIMPLE|CORRELATED",
            ["NONE", "NONE", "NONE", "NONE", "NONE"], "client-start", "1.14",
            aliases ["spring.rabbitmq.publisher-confirm-type"], affects [Loss],
            safer ["CORRELATED"],
        }
        /// Whether Spring's template publishes with the mandatory flag and takes returns.
        spring_publisher_returns: bool {
            "spring.publisher-returns", Bool, "true|false",
            ["false", "false", "false", "false", "false"], "client-start", "1.14",
            aliases ["spring.rabbitmq.publisher-returns"], affects [Loss], safer ["true"],
        }
        /// The prefetch of Spring's listener containers.
        spring_prefetch: i64 {
            "spring.prefetch", Int, ">=0", ["250", "250", "250", "250", "250"], "client-start",
            "1.14", aliases ["spring.rabbitmq.listener.simple.prefetch"],
            affects [Loss, Duplication, Latency],
        }
        /// Who acknowledges in Spring: nobody, the listener, or the container after the listener
        /// returned.
        spring_acknowledge_mode: String {
            "spring.acknowledge-mode", Enum, "NONE|MANUAL|AUTO",
            ["AUTO", "AUTO", "AUTO", "AUTO", "AUTO"], "client-start", "1.14",
            aliases ["spring.rabbitmq.listener.simple.acknowledge-mode"],
            affects [Loss, Duplication], safer ["AUTO"],
        }
        /// Whether a message goes back to its queue when Spring's listener throws.
        spring_default_requeue_rejected: bool {
            "spring.default-requeue-rejected", Bool, "true|false",
            ["true", "true", "true", "true", "true"], "client-start", "1.14",
            aliases ["spring.rabbitmq.listener.simple.default-requeue-rejected"], affects [Loss],
            safer ["true"],
        }
        /// How many messages the stream client sends at once.
        stream_java_producer_builder_batch_size: i64 {
            "stream-java.ProducerBuilder.batchSize", Int, ">=1",
            ["100", "100", "100", "100", "100"], "client-start", "1.14", affects [Latency],
        }
        /// How long a batch that is not full waits in the stream client.
        stream_java_producer_builder_batch_publishing_delay: i64 {
            "stream-java.ProducerBuilder.batchPublishingDelay", DurationMs, ">=0",
            ["100", "100", "100", "100", "100"], "client-start", "1.14", affects [Loss, Latency],
        }
        /// How many messages the stream client may have unconfirmed.
        stream_java_producer_builder_max_unconfirmed_messages: i64 {
            "stream-java.ProducerBuilder.maxUnconfirmedMessages", Int, ">=1",
            ["10000", "10000", "10000", "10000", "10000"], "client-start", "1.14",
            affects [Latency],
        }
        /// After how long without a confirm a message has failed.
        stream_java_producer_builder_confirm_timeout: i64 {
            "stream-java.ProducerBuilder.confirmTimeout", DurationMs, ">=0",
            ["30000", "30000", "30000", "30000", "30000"], "client-start", "1.14",
            affects [Loss, Duplication, Latency],
        }
        /// How long sending blocks when too many messages are unconfirmed.
        stream_java_producer_builder_enqueue_timeout: i64 {
            "stream-java.ProducerBuilder.enqueueTimeout", DurationMs, ">=0, 0 = for ever",
            ["10000", "10000", "10000", "10000", "10000"], "client-start", "1.14",
            affects [Latency, Availability],
        }
        /// Whether unconfirmed messages are sent again after a lost connection.
        stream_java_producer_builder_retry_on_recovery: bool {
            "stream-java.ProducerBuilder.retryOnRecovery", Bool, "true|false",
            ["true", "true", "true", "true", "true"], "client-start", "1.14",
            affects [Loss, Duplication], safer ["true"],
        }
        /// Whether the size of batches follows the load.
        stream_java_producer_builder_dynamic_batch: bool {
            "stream-java.ProducerBuilder.dynamicBatch", Bool, "true|false",
            ["true", "true", "true", "true", "true"], "client-start", "1.14", affects [Latency],
        }
        /// Who stores how far a consumer of the stream protocol has come.
        stream_java_consumer_builder_offset_tracking: String {
            "stream-java.ConsumerBuilder.offset_tracking", Enum,
            "none|auto|manual (server-side offsets, stream protocol only; needs a consumer name)",
            ["none", "none", "none", "none", "none"], "client-start", "1.8",
            affects [Loss, Duplication], safer ["auto"],
        }
        /// After how many messages the position is stored.
        stream_java_consumer_builder_auto_tracking_strategy_message_count_before_storage: i64 {
            "stream-java.ConsumerBuilder.autoTrackingStrategy.messageCountBeforeStorage", Int,
            ">=1", ["10000", "10000", "10000", "10000", "10000"], "client-start", "1.14",
            affects [Duplication],
        }
        /// After how long the position is stored at the latest.
        stream_java_consumer_builder_auto_tracking_strategy_flush_interval: i64 {
            "stream-java.ConsumerBuilder.autoTrackingStrategy.flushInterval", DurationMs, ">0",
            ["5000", "5000", "5000", "5000", "5000"], "client-start", "1.14", affects [Duplication],
        }
        /// How often the client looks whether a stored position must be repeated.
        stream_java_consumer_builder_manual_tracking_strategy_check_interval: i64 {
            "stream-java.ConsumerBuilder.manualTrackingStrategy.checkInterval", DurationMs,
            ">=0, 0 = off", ["5000", "5000", "5000", "5000", "5000"], "client-start", "1.14",
            affects [Duplication],
        }
        /// Whether channels of pika are in confirm mode.
        pika_confirm_delivery: bool {
            "pika.confirm_delivery", Bool, "true|false",
            ["false", "false", "false", "false", "false"], "per-call", "1.14", affects [Loss],
            safer ["true"],
        }
        /// Whether pika opens a lost connection again; it does not.
        pika_automatic_recovery: bool {
            "pika.automatic_recovery", Bool, "only false",
            ["false", "false", "false", "false", "false"], "client-start", "1.14",
            affects [Availability],
        }
        /// Whether channels of amqplib are in confirm mode.
        amqplib_create_confirm_channel: bool {
            "amqplib.createConfirmChannel", Bool, "true|false",
            ["false", "false", "false", "false", "false"], "per-call", "1.14", affects [Loss],
            safer ["true"],
        }
        /// Whether channels of the Go client are in confirm mode.
        amqp091_go_channel_confirm: bool {
            "amqp091-go.Channel.Confirm", Bool, "true|false",
            ["false", "false", "false", "false", "false"], "per-call", "1.14", affects [Loss],
            safer ["true"],
        }
        /// Whether the Go client opens a lost connection again; it does not.
        amqp091_go_automatic_recovery: bool {
            "amqp091-go.automatic_recovery", Bool, "only false",
            ["false", "false", "false", "false", "false"], "client-start", "1.14",
            affects [Availability],
        }
    }
}
