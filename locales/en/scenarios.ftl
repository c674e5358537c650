# Titles and stories of the scenarios. Key: scenario-<id>-title, scenario-<id>-story.

scenario-kafka-s01-acks-0-leader-crash-title = acks=0: sent is not written
scenario-kafka-s01-acks-0-leader-crash-story = The producer does not wait for any answer, so every send() succeeds at once, with offset -1. The leader dies before it reads the records from its socket. Ten sends succeeded, ten records exist nowhere, and no exception will ever say so.

scenario-kafka-s01-acks-0-too-large-title = acks=0: a refusal that nobody hears
scenario-kafka-s01-acks-0-too-large-story = The broker refuses records that are larger than max.message.bytes. With acks=0 it cannot say so: it only closes the connection, and the client counts every send as a success.

scenario-kafka-s02-acks-1-fast-restart-title = acks=1: a fast restart does not help
scenario-kafka-s02-acks-1-fast-restart-story = The leader is back two seconds after its death, with m6 on its disk. But the controller refuses to register it until its old session is over, and then another broker leads. m6 is cut all the same.

scenario-kafka-s02-acks-1-leader-crash-title = acks=1: confirmed, then lost
scenario-kafka-s02-acks-1-leader-crash-story = The leader writes m6, tells the producer so, and dies before a follower has fetched it. Nine seconds later another broker leads, without m6. When the old leader comes back, it cuts m6 from its log. The producer is never told, and m7 takes the offset of m6.

scenario-kafka-s03-acks-all-leader-crash-title = acks=all: the leader dies, nothing is lost
scenario-kafka-s03-acks-all-leader-crash-story = The leader dies right after it confirmed m6. With acks=all and min.insync.replicas=2 both followers already have m6, so the new leader has it, too. Reading and writing pause for about nine seconds; nothing is lost or repeated.

scenario-kafka-s03-happy-path-title = acks=all: every message arrives
scenario-kafka-s03-happy-path-story = Three replicas, acks=all. Each record is appended by the leader, fetched by both followers, and confirmed when the leader knows that. The high watermark reaches the followers one fetch later. The consumer processes all ten, in order, once.

scenario-kafka-s05-isr-shrunk-leader-crash-title = The last in-sync replica crashes
scenario-kafka-s05-isr-shrunk-leader-crash-story = Both followers are down, and with min.insync.replicas=1 the leader goes on alone. When it crashes, nobody may lead: the followers that come back lack confirmed records. The partition is unavailable until the old leader is back, with all of them.

scenario-kafka-s06-isr-shrunk-power-loss-title = The last in-sync replica loses power
scenario-kafka-s06-isr-shrunk-power-loss-story = As before, but the leader loses power instead of being killed, and with it what its operating system had not written to the disk. It is elected again as the last known leader, with a shorter log. Confirmed records are lost, without an unclean election.

scenario-kafka-s06-power-loss-under-a-consumer-title = The log shrinks under a consumer
scenario-kafka-s06-power-loss-under-a-consumer-story = The consumer had read ten records when the leader lost power and four of them. It notices by the leader epochs that the log ends before its position, goes back, and reads the new records that take the offsets of the old ones. What it processed, nobody else will ever see.

scenario-kafka-s07-unclean-election-title = Unclean election: available, and emptier
scenario-kafka-s07-unclean-election-story = unclean.leader.election.enable=true lets the first live replica lead, whatever its log holds. The partition is available again at once, and the records that only the old leader had are lost; some of them a consumer had already read.

scenario-kafka-s10-all-power-loss-title = All three lose power
scenario-kafka-s10-all-power-loss-story = acks=all and min.insync.replicas=2 promise copies in memory, not on disks. All three brokers lose power before anything is synced, and each keeps another prefix. The last leader decides what survives: the others cut what they have more.

scenario-kafka-s11-all-power-loss-flushed-title = All three lose power, flush.messages=1
scenario-kafka-s11-all-power-loss-flushed-story = The same blackout, but each replica syncs every record before it counts. Each confirmed record was on the disks of all that were counted for it. Nothing is lost; every send waits for disks.

scenario-kafka-s12-leader-power-loss-title = Three replicas: the leader loses power
scenario-kafka-s12-leader-power-loss-story = The leader loses power and what it had not synced. The followers have everything that was confirmed, one of them leads, and the old leader fetches again what it lost. This is why Kafka can do without fsync.

scenario-kafka-s14-min-isr-not-met-title = Refused, not lost
scenario-kafka-s14-min-isr-not-met-story = min.insync.replicas=2 and two brokers down: the leader refuses every attempt with NOT_ENOUGH_REPLICAS and appends nothing. After two minutes the sends fail, and the application knows. What was confirmed before is still there.

scenario-kafka-s15-retry-idempotent-title = A retry that is recognised
scenario-kafka-s15-retry-idempotent-story = m6 is appended while the followers die, and never confirmed. The client retries it for a minute. When a follower is back, the leader recognises the retry as a copy of what it has: confirmed, and in the log once.

scenario-kafka-s15-retry-not-idempotent-title = A retry that is stored again
scenario-kafka-s15-retry-not-idempotent-story = The same minute of retries without idempotence: the leader cannot know that it has m6 already, and appends it again. The consumer processes it twice.

scenario-kafka-s17-one-replica-crash-title = One replica: the process is killed
scenario-kafka-s17-one-replica-crash-story = With replication.factor=1 there is nobody to take over: the partition is unavailable until its broker is back. What was written to files is still there, so nothing is lost.

scenario-kafka-s17-one-replica-disk-loss-title = One replica: the disk is replaced
scenario-kafka-s17-one-replica-disk-loss-story = The only copy lay on a disk that is gone. The broker comes back with an empty log and leads again: all ten confirmed records are lost.

scenario-kafka-s17-one-replica-power-loss-title = One replica: the host loses power
scenario-kafka-s17-one-replica-power-loss-story = acks=all waits for all in-sync replicas, and here that is one. min.insync.replicas=2 counts as 1. Its host loses power, and six confirmed records that were only in memory are lost.

scenario-kafka-s26-lost-answer-title = The answer is lost, the record doubled
scenario-kafka-s26-lost-answer-story = The leader appends m3 and answers, and the connection breaks under the answer. The client cannot know whether m3 was written, sends it again, and without idempotence the log has it twice.

scenario-kafka-s27-lost-answer-idempotent-title = The answer is lost, the copy recognised
scenario-kafka-s27-lost-answer-idempotent-story = The same broken connection with idempotence. The retry has the sequence number of a batch that the leader knows, so it answers with the first offset and appends nothing.

scenario-kafka-s28-reorder-title = Two in flight change places
scenario-kafka-s28-reorder-story = m2 is refused for a moment, m3 is right behind it and is accepted, and the retry of m2 comes after m3. Nobody is told. Idempotence, or one request in flight, keeps the order.

scenario-kafka-s32-retries-0-title = retries=0: an ordinary failover loses
scenario-kafka-s32-retries-0-story = Setting retries=0 also switches idempotence off. The leader dies with three requests unread, each fails at once with NETWORK_EXCEPTION, and an application that does not look at the result has lost three messages.

scenario-kafka-s32-retries-0-resend-title = retries=0: the application resends
scenario-kafka-s32-retries-0-resend-story = The leader dies after it appended m6 and before it answered. The send fails, though m6 is on the next leader. The application sends it again, which is a new record: the consumer processes m6 twice.

scenario-kafka-s33-delivery-timeout-title = Failed, and yet it exists
scenario-kafka-s33-delivery-timeout-story = retries has no limit, but delivery.timeout.ms has. m6 is appended while the followers die, is never confirmed, and fails after two minutes. When a follower is back, the record that failed becomes readable.

scenario-kafka-s33-delivery-timeout-resend-title = Failed, sent again, stored twice
scenario-kafka-s33-delivery-timeout-resend-story = After delivery.timeout.ms the application sends m6 again. To the broker this is a new record with a new sequence number, so idempotence cannot help: m6 is in the log twice.

scenario-kafka-s40-auto-commit-hand-off-title = Auto-commit loses what it hands to a thread
scenario-kafka-s40-auto-commit-hand-off-story = The loop gives records to a thread and polls again. The next poll() commits all ten, though a few are processed. The process dies, and its successor begins behind all ten. The rest is never processed.

scenario-kafka-s41-auto-commit-synchronous-title = Auto-commit in a plain loop loses nothing
scenario-kafka-s41-auto-commit-synchronous-story = Here each record is processed before the next poll(), which commits it. The process dies in the middle of a batch; after the session time-out its successor begins at the old commit. Six records are processed twice, none is lost.

scenario-kafka-s42-exception-close-title = An exception, and close() commits the rest
scenario-kafka-s42-exception-close-story = Processing the fourth record throws, and the application closes its consumer, as good style asks for. With auto-commit, close() commits everything that poll() had handed out. Seven records are never processed.

scenario-kafka-s44-crash-before-commit-title = Processed, not yet committed: processed again
scenario-kafka-s44-crash-before-commit-story = The process dies between processing and commitSync(). Nobody can know that four records have had their effect, so they have it twice.

scenario-kafka-s44-idempotent-sink-title = A sink that remembers: one effect
scenario-kafka-s44-idempotent-sink-story = The same crash, but the sink keeps the ids of the messages it has seen. The four records are processed again, and the sink ignores them: each has exactly one effect.

scenario-kafka-s44-manual-commit-title = Commit after processing loses nothing
scenario-kafka-s44-manual-commit-story = enable.auto.commit=false, and commitSync() when a batch is processed. The process dies, and after the session time-out its successor begins where the last commit stands. All ten are processed.
