# What became of a message, and why: fates, the sentences of its story, the settings that allowed it,
# cures. $message is a message, $node a process, $nodes several, $place a partition or queue,
# $reader a group or a consumer, $setting and $value are the product's own words.

## fates

fate-in-flight = in flight
fate-in-flight-help = Sent or being sent: no outcome yet, and no copy that can be read.
fate-delivered = delivered
fate-delivered-help = Processed by the application, once.
fate-delivered-n-times = delivered more than once
fate-delivered-n-times-help = Processed by the same application more than once.
fate-dead-lettered = dead-lettered
fate-dead-lettered-help = Moved by a rule to a dead-letter destination, where the copy has a fate of its own.
fate-stored-unconfirmed = stored, unconfirmed
fate-stored-unconfirmed-help = A copy can be read or will be; the producer has not been told.
fate-confirmed = confirmed
fate-confirmed-help = The producer was told that it is safe.
fate-at-risk = at risk
fate-at-risk-help = The producer was told that it is safe, but the assumed fault would lose it now.
fate-returned = returned
fate-returned-help = Handed back to the producer because it could not be routed.
fate-refused = refused
fate-refused-help = Answered with an error; no copy was kept.
fate-expired-at-producer = given up by the producer
fate-expired-at-producer-help = The client gave up or ended before sending it; there is no copy.
fate-rolled-back = rolled back
fate-rolled-back-help = Its transaction was aborted.
fate-dropped-by-rule = dropped by rule
fate-dropped-by-rule-help = Removed or not taken because a setting says so.
fate-skipped-by-consumer = skipped by the consumer
fate-skipped-by-consumer-help = The consumer recorded that it is past this message, and nobody processed it.
fate-phantom = phantom
fate-phantom-help = Reported as failed, and yet it can be read or was processed.
fate-vanished-after-delivery = vanished after delivery
fate-vanished-after-delivery-help = Processed once, but gone from the log since; other readers never see it.
fate-stranded = stranded
fate-stranded-help = The last copies lie where nobody can read them now.
fate-lost-before-ack = lost before ack
fate-lost-before-ack-help = No copy is left and nobody processed it. The producer had not been told that it is safe.
fate-lost-after-ack = lost after ack
fate-lost-after-ack-help = No copy is left and nobody processed it, although the producer had been told that it is safe.

## the fault that "at risk" assumes

assumed-leader-crash = the process that leads is killed
assumed-leader-power-loss = the host that leads loses power
assumed-all-power-loss = all hosts lose power at once

## story: the producer

story-offered = { $node } handed { $message } to its client library.
story-fired = { $node } counted { $message } as sent; it waits for no answer.
story-confirmed = { $node } was told that { $message } is safe.
story-refused = { $node } was told that { $message } was refused.
story-failed = { $node } was told that sending { $message } failed.
story-forgotten = { $node } ended before it knew what became of { $message }.

## story: copies and their absence

story-stored = { $node } wrote { $message } to { $place } at offset { $offset }.
story-all-had-it = At that moment every replica of { $place } had { $message } at offset { $offset }.
story-absent-at-ack = { $count ->
    [one] At that moment { $nodes } had no copy of { $message }: it had not fetched offset { $offset } of { $place }.
   *[other] At that moment { $nodes } had no copy of { $message }: they had not fetched offset { $offset } of { $place }.
}
story-no-copy-at-ack = At that moment no copy of { $message } existed.
story-only-copy = The only copy of { $message } lay on { $node }.
story-cut-off = { $node } cut its log of { $place } back and dropped { $message } at offset { $offset }.
story-removed-by-rule = { $node } removed { $message } at offset { $offset } of { $place } because a setting says so.
story-gone-with-power = { $node } had not yet synced offset { $offset } of { $place }; { $message } went with the power.
story-gone-with-disk = The disk of { $node } was replaced; { $message } at offset { $offset } of { $place } went with it.
story-gone-with-memory = { $node } held { $message } at offset { $offset } of { $place } in memory only, and it ended.
story-last-copy-gone = That was the last copy of { $message }.

## story: readers

story-processed = { $count ->
    [one] { $reader } processed { $message }.
   *[other] { $reader } processed { $message }, in all { $count } times.
}
story-passed = { $reader } recorded that it is past { $message }.
story-passed-unprocessed = { $reader } recorded that it is past { $message }, which it had not processed.

## story: what happened around it

story-crashed = { $node } was killed.
story-stopped = { $node } stopped.
story-power-lost = { $node } lost power.
story-started = { $node } started.
story-frozen = { $node } was frozen.
story-thawed = { $node } went on after its pause.
story-cut = The network around { $node } was cut.
story-healed = The network was healed.
story-fenced = The controller heard nothing of { $node } for a whole session and fenced it.
story-elected = { $node } became leader of { $place } in epoch { $epoch }.
story-elected-unclean = { $node } became leader of { $place } in epoch { $epoch }, although it was not in sync.
story-elected-last-known = { $node } became leader of { $place } again in epoch { $epoch }, as the last known leader: whatever its log still held.
story-no-leader = Nobody was left who may lead { $place }.
story-isr = The in-sync replicas of { $place } were now { $nodes }.

## the setting that allowed it

reason-acks-none = { $setting }={ $value }: the producer waits for no answer, so it never learns of a loss.
reason-acks-one = { $setting }={ $value }: the leader alone decides that a message is safe; the followers fetch it later.
reason-unclean = { $setting }={ $value }: a replica that is not in sync may become leader, and what it lacks is lost.
reason-min-isr-one = { $setting }={ $value }: with the others out of sync, one replica alone was enough for acks=all.
reason-one-replica = { $setting }={ $value }: there is no second copy.
reason-not-synced = { $setting }={ $value }: messages stay in the page cache for a while, and a power loss takes them.
reason-last-known-leader = All replicas had ended uncleanly; then the last known leader leads again, with what its log still holds.
reason-auto-commit = { $setting }={ $value }: poll() and close() of { $node } commit everything that was handed out, processed or not.
reason-commit-before = { $node } commits before it processes.
reason-hand-off = { $node } hands messages to another thread, so its position runs ahead of the processing.
reason-close-after-failure = { $node } closes its consumer after an exception, with messages unprocessed.
reason-exit-after-failure = { $node } ends at an exception, with messages unprocessed.
reason-skip-after-failure = { $node } skips a message whose processing fails, and goes on.
reason-no-idempotence = { $setting }={ $value }: the broker cannot tell a repeated batch from a new one.
reason-resent = The application sent it again after a failure that was none; for the broker that is a new message.
reason-read-again = It was read again because its commit came too late or not at all.
reason-no-flush = { $node } ended without flush() or close(); what its library still held went with it.
reason-max-block = { $setting }={ $value }: so long send() waits for room, then it fails.
reason-no-retries = { $setting }={ $value }: the first error is final.
reason-delivery-timeout = { $setting }={ $value }: so long the client tries, then it gives up, whatever the brokers hold.
reason-min-isr-refuses = { $setting }={ $value }: with fewer replicas in sync the leader refuses. Nothing is lost by that.
reason-too-large = { $setting }={ $value }: larger ones are refused.
reason-timestamp = { $setting }={ $value }: a timestamp further ahead is refused.
reason-retention = { $setting }={ $value }: older messages are deleted, read or not.
reason-compaction = { $setting }={ $value }: of several messages with one key only the latest is kept.

## cures

cure-reading = Reading what was done to this run.
cure-trying = Trying safer settings under the same faults: { $done } of { $of }.
cure-trying-pairs = No single one saved it. Trying two together: { $done } of { $of }.
cure-stopped = Stopped after { $done } of { $of }.
cure-found = The same faults with other seeds do the same harm in { $harmed } of { $seeds } runs. With one of these changes they do it in none; the cheapest comes first.
cure-none = None found: no change of one setting, nor of two together, saved the messages under the same faults, which do harm in { $harmed } of { $seeds } runs.
cure-nothing-to-cure = At the end of this run no such harm is left.
cure-price-latency = Half of the confirmations within { $half } (now { $nowhalf }), 99 of 100 within { $most } (now { $nowmost }).
cure-price-unavailable = Unavailable for { $time } (now { $now }).
cure-price-throughput = { $count } confirmed a second (now { $now }).
cure-price-duplicated = { $count } processed twice in a run (now { $now }).
cure-price-failed = { $count } failed in a run (now { $now }).
cure-not-refused = Kafka refuses these settings together with the others.
cure-not-other-messages = With this change other messages were offered, so the runs cannot be compared.
cure-not-other-fault = With this change the fault did not hit the same role at the same stage.
cure-not-still-harmed = The harm is done all the same.
cure-not-fewer-confirmed = Fewer messages were confirmed: what is refused is not saved.
cure-not-fewer-delivered = Fewer messages were processed: what nobody reads is not saved.
cure-not-loses = Other messages are lost instead.
