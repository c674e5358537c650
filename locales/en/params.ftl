# Help for the parameters of Kafka: one sentence for each, and a warning where a value opens a loss.
# Key: param-<scope>-<key with dots as dashes>, for warnings followed by -warn.

## producer

param-producer-acks = Which replicas must have a batch before the producer is told that it is written: none (0), the leader (1), or every current in-sync replica (all).
param-producer-acks-warn = With 1, a record that only the leader has is lost when the leader changes; with 0, every failure after the send goes unnoticed; both also switch idempotence off.
param-producer-enable-idempotence = Gives every batch a producer id and a sequence number, so that the broker stores an internally retried batch only once and in order.
param-producer-enable-idempotence-warn = With false, a retry whose first answer was lost is stored twice, and with several requests in flight a retry changes the order.
param-producer-retries = How often a failed batch is sent again after the first attempt; in practice delivery.timeout.ms ends it earlier.
param-producer-retries-warn = With 0, the first passing error ends a send for good, and idempotence is switched off without a word.
param-producer-max-in-flight-requests-per-connection = How many produce requests may wait for their answer on one connection to a broker.
param-producer-max-in-flight-requests-per-connection-warn = Above 1 without idempotence, a batch that is retried lands behind those that were sent after it.
param-producer-delivery-timeout-ms = The time from the creation of a batch to its final result, over all attempts.
param-producer-delivery-timeout-ms-warn = When it is shorter than a failover, sends fail although the cluster would have recovered, and an expired batch may still be stored.
param-producer-request-timeout-ms = How long the client waits for the answer to one request; the broker uses the same time while it waits for the replicas.
param-producer-request-timeout-ms-warn = When it is not longer than replica.lag.time.max.ms of the brokers, retries race with the shrinking of the in-sync replicas; without idempotence they store duplicates.
param-producer-linger-ms = How long a batch that is not full may wait in the client for more records.
param-producer-linger-ms-warn = The longer it is, the more records exist only in the client, and these are gone when the process crashes.
param-producer-batch-size = The size in bytes up to which records of a partition are put into one batch; 0 disables batching.
param-producer-buffer-memory = The memory in bytes for records that have not been acknowledged; when it is used up, send() blocks.
param-producer-buffer-memory-warn = When the brokers are slow and it is small, send() fails with BufferExhaustedException, and nothing retries the record.
param-producer-max-block-ms = How long send() may block for metadata and for buffer memory together before it fails.
param-producer-max-block-ms-warn = When it is shorter than an outage, send() fails before the record is buffered, and nothing retries it.
param-producer-max-request-size = The largest request in bytes; a bigger record fails in the client and is never sent.
param-producer-max-request-size-warn = A record that is larger fails in send(); whoever ignores the failed future loses it.
param-producer-retry-backoff-ms = The pause before the first retry; it doubles with every further attempt, with a jitter of 20 percent.
param-producer-retry-backoff-max-ms = The longest pause between two retries.
param-producer-reconnect-backoff-ms = The pause before the client connects to the same node again; it grows with every failure.
param-producer-reconnect-backoff-max-ms = The longest pause between two attempts to connect to the same node.
param-producer-socket-connection-setup-timeout-ms = How long the client waits for a TCP connection to be set up; it grows with every failure.
param-producer-socket-connection-setup-timeout-max-ms = The longest wait for a TCP connection to be set up.
param-producer-connections-max-idle-ms = After how long without traffic the client closes a connection.
param-producer-metadata-max-age-ms = After how long the client refreshes its metadata even without an error; until then it may go on using a deposed leader.
param-producer-metadata-max-idle-ms = After how long without a send the client forgets the metadata of a topic.
param-producer-metadata-recovery-strategy = What the client does when no broker it knows answers: give up waiting, or start again from its bootstrap servers.
param-producer-metadata-recovery-rebootstrap-trigger-ms = After how long without usable metadata the client starts again from its bootstrap servers.
param-producer-partitioner-class = The class that chooses the partition; unset means by the hash of the key, or sticky per batch without a key.
param-producer-partitioner-adaptive-partitioning-enable = Gives slower brokers fewer of the records without a key.
param-producer-partitioner-availability-timeout-ms = After how long without taking requests a broker gets no more records without a key; 0 switches it off.
param-producer-partitioner-ignore-keys = Places records as if they had no key, so that records of one key may go to different partitions.
param-producer-transactional-id = The name under which the producer writes transactions and fences its own earlier instances.
param-producer-transactional-id-warn = Without transactions, consuming and producing are not one step: a crash between the two repeats or skips records.
param-producer-transaction-timeout-ms = After how long without an end the coordinator aborts a transaction of this producer.

## consumer

param-consumer-group-id = The group in which the consumer reads and commits; without one it has no group and commits nothing.
param-consumer-group-id-warn = Without a group nothing is committed, and every start goes by auto.offset.reset.
param-consumer-group-protocol = Which group protocol the consumer speaks: the classic one, or the server-side one of KIP-848.
param-consumer-group-instance-id = A fixed name of this member; with it a restart within the session keeps the partitions and close() does not leave the group.
param-consumer-session-timeout-ms = After how long without a heartbeat the coordinator removes the member (classic protocol).
param-consumer-heartbeat-interval-ms = How often the member sends a heartbeat to the coordinator (classic protocol).
param-consumer-max-poll-interval-ms = The longest time between two calls of poll() before the member leaves its group by itself.
param-consumer-max-poll-records = How many records one call of poll() hands out at most; it does not change what is fetched.
param-consumer-max-poll-records-warn = The more records a poll hands out, the more one commit of its positions covers before they are processed.
param-consumer-partition-assignment-strategy = The assignors that members of a classic group offer; the first that all have in common decides.
param-consumer-group-remote-assignor = The assignor on the broker that a group of the new protocol asks for.
param-consumer-enable-auto-commit = Lets poll() and close() commit the positions of everything that earlier polls handed out, processed or not.
param-consumer-enable-auto-commit-warn = With true, records that were handed to another thread, or that an exception left unprocessed before close(), are committed and skipped.
param-consumer-auto-commit-interval-ms = How often poll() commits by itself when enable.auto.commit is on.
param-consumer-auto-commit-interval-ms-warn = What was processed since the last commit is processed again after a crash.
param-consumer-auto-offset-reset = Where the consumer starts when the group has no offset or it is out of range: earliest, latest, an age, or an error.
param-consumer-auto-offset-reset-warn = With latest, everything that was written before the group had an offset is skipped in silence: on the first start, after expired offsets, and in new partitions.
param-consumer-isolation-level = Whether the consumer sees records of transactions that are open or aborted.
param-consumer-isolation-level-warn = With read_uncommitted, records of transactions that are aborted later are processed as well.
param-consumer-fetch-min-bytes = How many bytes the broker collects before it answers a fetch, within fetch.max.wait.ms.
param-consumer-fetch-max-wait-ms = How long the broker holds a fetch for which it has too few bytes.
param-consumer-fetch-max-bytes = The bytes of one fetch answer; the first batch comes even if it is larger.
param-consumer-max-partition-fetch-bytes = The bytes of one partition in a fetch answer; the first batch comes even if it is larger.
param-consumer-request-timeout-ms = How long the client waits for the answer to one request.
param-consumer-default-api-timeout-ms = How long a blocking call such as commitSync() keeps trying before it fails.
param-consumer-retry-backoff-ms = The pause before the first retry of a request; it doubles with every further attempt.
param-consumer-retry-backoff-max-ms = The longest pause between two retries of a request.
param-consumer-check-crcs = Lets the consumer verify the checksum of what it reads.
param-consumer-check-crcs-warn = With false, records that were damaged on the way are processed as if they were whole.
param-consumer-allow-auto-create-topics = Lets a subscription create a topic that does not exist, if the brokers allow it.
param-consumer-metadata-max-age-ms = After how long the client refreshes its metadata even without an error; it also bounds the discovery of new partitions.
param-consumer-client-rack = Where the consumer stands, so that brokers can let it read from a replica nearby.

## share-consumer

param-share-consumer-share-acknowledgement-mode = Whether the next poll() accepts the records of the last one, or each must be acknowledged by a call.
param-share-consumer-share-acknowledgement-mode-warn = With implicit, the next poll() accepts records that another thread may not have finished.
param-share-consumer-share-acquire-mode = Whether whole batches are acquired, or exactly as many records as max.poll.records.

## topic

param-topic-replication-factor = How many brokers keep a copy of each partition.
param-topic-replication-factor-warn = With 1, a lost disk is lost data, and a broker that is down is an outage.
param-topic-min-insync-replicas = How many in-sync replicas are needed for a write with acks=all, and for the high watermark to advance.
param-topic-min-insync-replicas-warn = With 1, acks=all is content with the leader alone when the others have dropped out, and a power failure of that broker loses confirmed records.
param-topic-unclean-leader-election-enable = Lets a replica that is not in sync become leader when no better one is left; what it lacks is lost.
param-topic-unclean-leader-election-enable-warn = With true, the first live replica in assignment order becomes leader, and confirmed records that it lacks are truncated everywhere.
param-topic-flush-messages = After how many messages a log is forced to disk, before the answer to the producer.
param-topic-flush-messages-warn = By default Kafka forces nothing to disk before it confirms; when all replicas lose power together, confirmed records are lost.
param-topic-flush-ms = How long a message may stay in the page cache before the log is forced to disk.
param-topic-flush-ms-warn = What was not yet forced to disk is lost when every replica that has it loses power.
param-topic-segment-bytes = The size at which a log begins a new segment; retention and compaction never touch the active one.
param-topic-segment-ms = The age at which a log begins a new segment even if it is not full.
param-topic-retention-ms = How old a segment may become, by its latest record, before it is deleted; -1 means forever.
param-topic-retention-ms-warn = What a consumer has not read by then is deleted; records with old timestamps go at the next check.
param-topic-retention-bytes = How large a partition may grow before its oldest segments are deleted; -1 means without limit.
param-topic-retention-bytes-warn = When more is written than fits, the oldest segments are deleted, read or not.
param-topic-cleanup-policy = Whether old segments are deleted, or compacted to the latest record of each key, or both.
param-topic-cleanup-policy-warn = With compact, all but the latest record of each key are removed; a slow consumer never sees them.
param-topic-min-cleanable-dirty-ratio = Which share of the log must be uncompacted before the cleaner works on it.
param-topic-min-compaction-lag-ms = How long a record is safe from compaction.
param-topic-min-compaction-lag-ms-warn = With 0, a record may be compacted away as soon as its segment is closed.
param-topic-max-compaction-lag-ms = After how long a record must be looked at by the cleaner, whatever the dirty ratio.
param-topic-delete-retention-ms = How long the delete marker of a key stays in a compacted log.
param-topic-delete-retention-ms-warn = A consumer that reads a compacted log more slowly than this misses deletions.
param-topic-max-message-bytes = The largest batch in bytes that the brokers accept.
param-topic-max-message-bytes-warn = A larger batch is refused for good, and with acks=0 without a word.
param-topic-message-timestamp-type = Whether a record keeps the time of its producer or gets the time of its append; retention goes by it.
param-topic-message-timestamp-type-warn = With CreateTime, a producer's wrong or old clock can make retention delete fresh records.
param-topic-message-timestamp-before-max-ms = How far a record's timestamp may lie in the past before the broker refuses it.
param-topic-message-timestamp-before-max-ms-warn = Records that are older are refused for good.
param-topic-message-timestamp-after-max-ms = How far a record's timestamp may lie in the future before the broker refuses it.
param-topic-message-timestamp-after-max-ms-warn = Records that lie further in the future are refused for good.
param-topic-message-timestamp-difference-max-ms = How far a record's timestamp may differ from the broker's clock before the broker refuses it.
param-topic-partitions = Into how many partitions the topic is divided; raising it later sends keys to other partitions.

## broker

param-broker-default-replication-factor = The replication factor of topics that are created without one.
param-broker-default-replication-factor-warn = With 1, topics that are created automatically have a single copy.
param-broker-min-insync-replicas = The value of min.insync.replicas for topics that set none, __consumer_offsets included.
param-broker-min-insync-replicas-warn = With 1, confirmed records and confirmed commits may exist on one broker alone; __consumer_offsets has this value too.
param-broker-replica-lag-time-max-ms = How long a follower may lag behind its leader before it is dropped from the in-sync replicas.
param-broker-replica-lag-time-max-ms-warn = When it is short, slow followers drop out quickly, and acks=all then waits for fewer copies.
param-broker-replica-fetch-wait-max-ms = How long a leader holds a follower's fetch when there is nothing new.
param-broker-replica-fetch-min-bytes = How many bytes a leader collects before it answers a follower's fetch.
param-broker-replica-fetch-max-bytes = The bytes of one partition that a follower fetches at once; the first batch comes even if it is larger.
param-broker-replica-fetch-response-max-bytes = The bytes of one answer to a follower's fetch.
param-broker-replica-fetch-backoff-ms = How long a follower pauses a partition after a fetch that failed.
param-broker-replica-socket-timeout-ms = How long a follower waits for the answer to its fetch before it closes the connection.
param-broker-num-replica-fetchers = How many threads, each with a connection of its own, a follower uses to fetch from one broker.
param-broker-replica-high-watermark-checkpoint-interval-ms = How often a broker writes its high watermarks to disk.
param-broker-unclean-leader-election-enable = The value of unclean.leader.election.enable for topics that set none.
param-broker-unclean-leader-election-enable-warn = With true, confirmed records are lost when only replicas that are not in sync are left.
param-broker-replica-selector-class = The class that lets consumers read from followers; unset means always from the leader.
param-broker-controlled-shutdown-enable = Lets a broker that is stopped hand over its leaderships before it goes.
param-broker-controlled-shutdown-enable-warn = With false, a broker that is stopped leaves its partitions without a leader until its session is over.
param-broker-controlled-shutdown-max-retries = How often a stopping broker asks the controller again to take over its leaderships.
param-broker-controlled-shutdown-retry-backoff-ms = The pause between two such requests.
param-broker-log-flush-interval-messages = The value of flush.messages for topics that set none.
param-broker-log-flush-interval-messages-warn = By default Kafka forces nothing to disk before it confirms; when all replicas lose power together, confirmed records are lost.
param-broker-log-flush-interval-ms = The value of flush.ms for topics that set none.
param-broker-log-flush-interval-ms-warn = What was not yet forced to disk is lost when every replica that has it loses power.
param-broker-log-flush-scheduler-interval-ms = How often the broker looks for logs that are due to be forced to disk.
param-broker-log-flush-offset-checkpoint-interval-ms = How often the broker records how far its logs are on disk; it forces nothing by itself.
param-broker-log-flush-start-offset-checkpoint-interval-ms = How often the broker records the start offsets of its logs.
param-broker-log-segment-bytes = The value of segment.bytes for topics that set none.
param-broker-log-roll-hours = The value of segment.ms, in hours, for topics that set none.
param-broker-log-retention-hours = The value of retention.ms, in hours, for topics that set none.
param-broker-log-retention-hours-warn = What a consumer has not read by then is deleted; records with old timestamps go at the next check.
param-broker-log-retention-bytes = The value of retention.bytes for topics that set none.
param-broker-log-retention-bytes-warn = When more is written than fits, the oldest segments are deleted, read or not.
param-broker-log-retention-check-interval-ms = How often the broker looks for segments that retention lets it delete.
param-broker-log-initial-task-delay-ms = How long after its start the broker waits with the first pass of retention, flush and checkpoints.
param-broker-log-cleanup-policy = The value of cleanup.policy for topics that set none.
param-broker-log-cleanup-policy-warn = With compact, all but the latest record of each key are removed; a slow consumer never sees them.
param-broker-log-cleaner-enable = Whether the broker runs the cleaner that compacts logs.
param-broker-log-cleaner-backoff-ms = How long the cleaner sleeps when it found nothing to do.
param-broker-log-cleaner-min-cleanable-ratio = The value of min.cleanable.dirty.ratio for topics that set none.
param-broker-log-cleaner-min-compaction-lag-ms = The value of min.compaction.lag.ms for topics that set none.
param-broker-log-cleaner-max-compaction-lag-ms = The value of max.compaction.lag.ms for topics that set none.
param-broker-log-cleaner-delete-retention-ms = The value of delete.retention.ms for topics that set none.
param-broker-process-roles = Whether a node is a broker, a controller, or both; a crash of a node that is both takes both.
param-broker-log-dirs = Where the logs lie; the default is under /tmp, so a container that is created again starts empty.
param-broker-log-dirs-warn = A directory under /tmp, or one inside a container, is empty after the machine or the container is created again.
param-broker-message-max-bytes = The value of max.message.bytes for topics that set none.
param-broker-message-max-bytes-warn = A larger batch is refused for good, and with acks=0 without a word.
param-broker-log-message-timestamp-type = The value of message.timestamp.type for topics that set none.
param-broker-log-message-timestamp-before-max-ms = The value of message.timestamp.before.max.ms for topics that set none.
param-broker-log-message-timestamp-after-max-ms = The value of message.timestamp.after.max.ms for topics that set none.
param-broker-log-message-timestamp-difference-max-ms = The value of message.timestamp.difference.max.ms for topics that set none.
param-broker-num-recovery-threads-per-data-dir = How many logs of a directory are recovered at the same time after an unclean stop.
param-broker-log-dir-failure-timeout-ms = After how long a broker shuts down if it cannot tell the controller that a directory has failed.
param-broker-auto-create-topics-enable = Lets a request for a topic that does not exist create it.
param-broker-num-partitions = The number of partitions of topics that are created without one.
param-broker-request-timeout-ms = How long a broker waits for answers to its own requests, to the controller among others.
param-broker-broker-heartbeat-interval-ms = How often a broker sends a heartbeat to the active controller.
param-broker-initial-broker-registration-timeout-ms = After how long a starting broker gives up if the controller does not register it.
param-broker-transaction-partition-verification-enable = Lets a broker ask the coordinator before it appends transactional records.
param-broker-producer-id-expiration-ms = After how long without a write a partition forgets a producer id and its sequence numbers.
param-broker-producer-id-expiration-ms-warn = A retry that comes later than this is stored as if it were new.
param-broker-producer-id-expiration-check-interval-ms = How often a broker looks for producer ids that it may forget.
param-broker-add-partitions-to-txn-retry-backoff-ms = The pause before a broker asks the coordinator again to add a partition to a transaction.
param-broker-add-partitions-to-txn-retry-backoff-max-ms = How long a broker repeats that request altogether.
param-broker-zookeeper-session-timeout-ms = After how long without a sign of life ZooKeeper gives up a broker.

## controller

param-controller-auto-leader-rebalance-enable = Lets the controller give leadership back to the preferred replicas by itself.
param-controller-auto-leader-rebalance-enable-warn = With true, a change of leader without any crash can truncate records that acks=1 had confirmed.
param-controller-leader-imbalance-check-interval-seconds = How often the controller looks for partitions whose preferred replica does not lead.
param-controller-unclean-leader-election-interval-ms = How often the controller looks for leaderless partitions for which unclean election was allowed meanwhile.
param-controller-broker-session-timeout-ms = After how long without a heartbeat the controller fences a broker and elects new leaders.
param-controller-broker-session-timeout-ms-warn = As long as it lasts a dead leader is not replaced, and one that is only cut off goes on confirming acks=1.
param-controller-controller-quorum-election-timeout-ms = How long a candidate waits for votes before it tries again.
param-controller-controller-quorum-voters = The controllers that vote; their number decides which failures stop the metadata log.
param-controller-controller-quorum-fetch-timeout-ms = After how long without a fetch from the leader a voter calls an election.
param-controller-controller-quorum-election-backoff-max-ms = The longest random pause before a new election after a split vote.
param-controller-controller-quorum-append-linger-ms = How long the controller collects metadata records before it writes them.
param-controller-controller-quorum-request-timeout-ms = How long a controller waits for the answer of another one.
param-controller-controller-quorum-retry-backoff-ms = The pause before a controller repeats a request to another one.

## group-coordinator

param-group-coordinator-group-min-session-timeout-ms = The least session.timeout.ms that a classic member may ask for.
param-group-coordinator-group-max-session-timeout-ms = The greatest session.timeout.ms that a classic member may ask for.
param-group-coordinator-group-initial-rebalance-delay-ms = How long an empty group waits for more members after the first has joined.
param-group-coordinator-group-max-size = How many members a group may have.
param-group-coordinator-offsets-topic-replication-factor = How many brokers keep a copy of the committed offsets.
param-group-coordinator-offsets-topic-replication-factor-warn = With 1, a lost disk loses the offsets of groups, and these start by auto.offset.reset.
param-group-coordinator-offsets-topic-num-partitions = Into how many partitions the committed offsets are divided; it decides which broker coordinates a group.
param-group-coordinator-offsets-commit-timeout-ms = How long the coordinator waits until a commit is replicated before it answers with an error.
param-group-coordinator-offsets-commit-required-acks = How many replicas must have a commit before it is answered; -1 means all that are in sync.
param-group-coordinator-offsets-commit-required-acks-warn = With 0 or 1, a confirmed commit is lost when the coordinator's broker fails.
param-group-coordinator-offsets-retention-minutes = How long the committed offsets of a group without members are kept.
param-group-coordinator-offsets-retention-minutes-warn = A group that was away for longer starts by auto.offset.reset: with latest it skips what came in between.
param-group-coordinator-offsets-retention-check-interval-ms = How often the coordinator looks for offsets that have expired.
param-group-coordinator-offset-metadata-max-bytes = How much text a client may store with a commit.
param-group-coordinator-group-coordinator-append-linger-ms = How long the coordinator collects commits before it appends them; -1 adapts to the load.
param-group-coordinator-group-coordinator-rebalance-protocols = Which group protocols the coordinator offers.
param-group-coordinator-group-consumer-session-timeout-ms = After how long without a heartbeat a member of a new-protocol group is removed.
param-group-coordinator-group-consumer-min-session-timeout-ms = The least session time-out that a new-protocol group may set.
param-group-coordinator-group-consumer-max-session-timeout-ms = The greatest session time-out that a new-protocol group may set.
param-group-coordinator-group-consumer-heartbeat-interval-ms = How often members of a new-protocol group send a heartbeat.
param-group-coordinator-group-consumer-min-heartbeat-interval-ms = The least heartbeat interval that a new-protocol group may set.
param-group-coordinator-group-consumer-max-heartbeat-interval-ms = The greatest heartbeat interval that a new-protocol group may set.
param-group-coordinator-group-consumer-assignors = The assignors that the coordinator offers to new-protocol groups; the first is the default.
param-group-coordinator-group-consumer-migration-policy = In which direction a group may change between the classic and the new protocol while it has members.
param-group-coordinator-group-consumer-assignment-interval-ms = The least time between two computations of a group's assignment.
param-group-coordinator-group-consumer-min-assignment-interval-ms = The least assignment interval that a group may set.
param-group-coordinator-group-consumer-max-assignment-interval-ms = The greatest assignment interval that a group may set.
param-group-coordinator-consumer-session-timeout-ms = The session time-out of one new-protocol group; unset means the broker's value.
param-group-coordinator-consumer-heartbeat-interval-ms = The heartbeat interval of one new-protocol group; unset means the broker's value.
param-group-coordinator-consumer-assignment-interval-ms = The assignment interval of one new-protocol group; unset means the broker's value.

## share-group

param-share-group-group-share-delivery-count-limit = How often a record is delivered at most before the share group drops it.
param-share-group-group-share-delivery-count-limit-warn = A record that fails this often is dropped.
param-share-group-group-share-record-lock-duration-ms = How long a record stays with the consumer that acquired it before it is free for others again.
param-share-group-group-share-min-record-lock-duration-ms = The least lock duration that a share group may set.
param-share-group-group-share-max-record-lock-duration-ms = The greatest lock duration that a share group may set.
param-share-group-group-share-partition-max-record-locks = How many records of a partition a share group may have in flight.
param-share-group-group-share-max-size = How many members a share group may have.
param-share-group-group-share-session-timeout-ms = After how long without a heartbeat a member of a share group is removed.
param-share-group-group-share-min-session-timeout-ms = The least session time-out that a share group may set.
param-share-group-group-share-max-session-timeout-ms = The greatest session time-out that a share group may set.
param-share-group-group-share-heartbeat-interval-ms = How often members of a share group send a heartbeat.
param-share-group-group-share-min-heartbeat-interval-ms = The least heartbeat interval that a share group may set.
param-share-group-group-share-max-heartbeat-interval-ms = The greatest heartbeat interval that a share group may set.
param-share-group-share-coordinator-state-topic-num-partitions = Into how many partitions the state of share groups is divided.
param-share-group-share-auto-offset-reset = Where a share group starts when it has no state yet.
param-share-group-share-auto-offset-reset-warn = With latest, a new share group skips everything that was written before it.
param-share-group-share-isolation-level = Whether a share group sees records of transactions that are open or aborted.
param-share-group-share-renew-acknowledge-enable = Lets consumers prolong the lock of a record that they are still working on.
param-share-group-share-coordinator-state-topic-replication-factor = How many brokers keep a copy of the state of share groups.
param-share-group-share-coordinator-state-topic-replication-factor-warn = With 1, a lost disk loses what share groups had acknowledged.
param-share-group-share-coordinator-state-topic-min-isr = How many in-sync replicas a write to the state of share groups needs.
param-share-group-share-coordinator-state-topic-min-isr-warn = With 1, a confirmed acknowledgement may exist on one broker alone.

## transaction-coordinator

param-transaction-coordinator-transaction-state-log-replication-factor = How many brokers keep a copy of the state of transactions.
param-transaction-coordinator-transaction-state-log-replication-factor-warn = With 1, a lost disk loses the outcome of transactions.
param-transaction-coordinator-transaction-state-log-min-isr = How many in-sync replicas a write to the state of transactions needs.
param-transaction-coordinator-transaction-state-log-min-isr-warn = With 1, the outcome of a transaction may exist on one broker alone.
param-transaction-coordinator-transaction-state-log-num-partitions = Into how many partitions the state of transactions is divided; it decides which broker coordinates a transactional id.
param-transaction-coordinator-transaction-max-timeout-ms = The greatest transaction.timeout.ms that a producer may ask for.
param-transaction-coordinator-transactional-id-expiration-ms = After how long without use a transactional id is forgotten.
param-transaction-coordinator-transaction-abort-timed-out-transaction-cleanup-interval-ms = How often the coordinator looks for transactions that have timed out.
param-transaction-coordinator-transaction-remove-expired-transaction-cleanup-interval-ms = How often the coordinator looks for transactional ids that have expired.

## cluster-feature

param-cluster-feature-eligible-leader-replicas-version = Lets the controller remember which replicas hold everything that was committed, and elect only those without loss (KIP-966).
param-cluster-feature-eligible-leader-replicas-version-warn = With 0, the last member of the in-sync replicas leads again whatever happened to its disk, and others truncate what it lost.
param-cluster-feature-transaction-version = Which version of the transaction protocol the cluster speaks; 2 bumps the epoch with every transaction.
param-cluster-feature-transaction-version-warn = Below 2, a late write of an earlier transaction can slip into the next one.
param-cluster-feature-group-version = Whether the cluster offers the consumer protocol of KIP-848.
param-cluster-feature-share-version = Whether the cluster offers share groups.
