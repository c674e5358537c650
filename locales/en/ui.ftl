# Labels of the page: what can be done, panels, branches, notices.

## what can be done, with a hint each

do-crash = Crash
do-crash-hint = Kill the process (SIGKILL). What it wrote to its files stays.
do-send = Send 1
do-send-hint = The application calls send() for one message more.
do-send-ten = Send 10
do-send-ten-hint = The application calls send() for ten messages more.
do-pause = Pause the program
do-pause-hint = The application makes no further call by itself; its library goes on.
do-run = Resume the program
do-run-hint = The application goes on with its calls.
do-freeze = Freeze
do-freeze-hint = Stop the process where it is (SIGSTOP, a long garbage collection). Connections stay, nothing is read.
do-thaw = Thaw
do-thaw-hint = Let the process go on. What arrived meanwhile is read now, and overdue timers fire.
do-stop = Stop in order
do-stop-hint = Ask the process to end (SIGTERM): controlled shutdown of a broker, close() of a client.
do-start = Start
do-start-hint = Start the process again, on the disk that it left.
do-power-off = Power off
do-power-off-hint = The host loses power: all that was not synced is gone, and nobody is told.
do-power-off-drawn = Power off, part survives
do-power-off-drawn-hint = The host loses power: of what was not synced a drawn part survives.
do-wipe = Replace the disk
do-wipe-hint = The broker will start on an empty disk.
do-isolate = Isolate
do-isolate-hint = Cut the network between this node and all others, both ways.
do-isolate-servers = Isolate from servers
do-isolate-servers-hint = Cut the network to the other brokers and the controller; clients still reach it.
do-slow-disk = Slow disk
do-slow-disk-hint = Each sync takes 50 ms longer.
do-fast-disk = Disk at normal speed
do-fast-disk-hint = Syncs take their normal time again.
do-fill-disk = Fill the disk
do-fill-disk-hint = No space is left: appends fail.
do-empty-disk = Free the disk
do-empty-disk-hint = There is space again.
do-heal = Heal all cuts
do-heal-hint = All networks that were cut work again; what waits is sent again.
do-cut = Cut both ways
do-cut-hint = Packets vanish in both directions.
do-cut-one-way = Cut { $from } → { $to }
do-cut-one-way-hint = Packets vanish in this direction only.
do-mend = Mend
do-mend-hint = Packets pass again; what waits is sent again at its next time-out.
do-slow = Slow { $from } → { $to }
do-slow-hint = Each packet in this direction takes 50 ms longer.
do-fast = { $from } → { $to } at normal speed
do-fast-hint = Packets in this direction take their normal time again.
do-lose = Lose packets { $from } → { $to }
do-lose-hint = One packet in five in this direction is lost and sent again.
do-lose-no-more = No more losses { $from } → { $to }
do-lose-no-more-hint = Packets in this direction are no longer lost.
do-hold = Hold
do-hold-hint = Keep this packet, and what is behind it on its connection.
do-release = Release
do-release-hint = Let the packet go on.
do-deliver = Deliver now
do-deliver-hint = It arrives at once, and what is before it on its connection.
do-drop = Break here
do-drop-hint = The connection breaks at this packet: it is lost, and both sides learn of the break.

## messages

message-at = offset { $offset } · { $told }
message-acked = acked
message-fired = sent, acks=0
message-failed = failed
message-forgotten = producer gone
message-no-answer = no answer
why-title = { $message }: { $fate }

## nodes

node-metadata-offset = metadata offset
node-broker = broker
node-broker-active = { $broker }: active, epoch { $epoch }
node-broker-fenced = { $broker }: fenced, epoch { $epoch }
node-broker-shutting-down = { $broker }: shutting down, epoch { $epoch }
node-partition = partition
node-partition-state = { $partition }: leader { $leader }, epoch { $epoch }, ISR { $isr }, ELR { $elr }
node-serves = serves requests
node-yes = yes
node-no = no
node-broker-epoch = broker epoch
node-parked-produces = produce requests that wait
node-offered = messages offered
node-acked = acknowledged
node-failed = failed
node-processed = processed by its group
node-incarnation = starts before this one
node-producer-id = producer id
node-producer-identity = { $id }, epoch { $epoch }
node-buffer = buffer.memory in use
node-in-flight = requests in flight
node-in-flight-to = { $count } to { $node }
node-batch = batch
node-batch-state = { $partition }: { $records ->
    [one] 1 record
   *[other] { $records } records
}, { $bytes } bytes, failed attempts { $attempts }
node-call = the application is in
node-owns = reads
node-owns-state = { $partition }: position { $position }, committed { $committed }, processed up to { $processed }
node-member = member of its group
node-member-state = generation { $generation }, coordinator { $coordinator }
node-waiting = records handed out and not processed

## programs of clients

program-to = Sends to
program-to-any = any partition
program-begin = Begins after
program-interval = Time between two bursts
program-burst = Messages per burst
program-size = Size of a message
program-keys = Different keys (0: none)
program-stop-after = Messages in all (0: only by order)
program-on-failure = When send() fails
program-on-failure-look = note it, go on
program-on-failure-ignore = never look
program-on-failure-resend = send it again
program-resend-times = Resend at most
program-end = How it ends
program-end-stay = stays open
program-end-close = close()
program-end-exit = exits without close()
program-polls = Runs a poll loop
program-processing = Processing time of a record
program-commit = When it commits
program-commit-none = by no call of its own
program-commit-sync-after = after processing, commitSync()
program-commit-sync-before = before processing, commitSync()
program-commit-async-after = after processing, commitAsync()
program-hands-off = A thread of its own processes
program-fails-at = Processing throws at record (0: never)
program-after-failure = After an exception
program-after-failure-close = close()
program-after-failure-exit = the process ends
program-after-failure-skip = skips the record
program-idempotent-sink = The sink ignores what it has seen
program-commit-on-revoke = Commits when partitions are revoked

## settings

settings-producer-of = Producer { $name }
settings-consumer-of = Consumer { $name }
settings-topic-of = Topic { $name }
settings-broker = All brokers
settings-controller = Controller
settings-group-coordinator = Group coordinators
settings-cluster-feature = Cluster features
settings-network = Network
settings-disk = Disk
settings-process = Processes
applies-client-start = When the client starts next
applies-broker-restart = When the broker starts next
applies-declare-immutable = Only for a topic that is created anew
applies-dynamic-metadata = At once, through the metadata log
applies-per-call = With the next call
applies-run-start = From the beginning of the run
param-network-hop-min-us = The shortest time of a packet from host to host, in microseconds.
param-network-hop-max-us = The longest time of a packet from host to host, in microseconds.
param-disk-sync-min-us = The shortest time of a sync, in microseconds.
param-disk-sync-max-us = The longest time of a sync, in microseconds.
param-disk-write-back-min-us = The shortest time until the operating system writes dirty pages back, in microseconds.
param-disk-write-back-max-us = The longest time until the operating system writes dirty pages back, in microseconds.
param-process-client-start-us = From the making of a client to its first request, in microseconds.
param-process-broker-start-us = From the start of a broker to its first registration, in microseconds.
param-process-broker-stop-us = From a finished controlled shutdown to the end of the process, in microseconds.
param-process-send-us = One send() that does not block, in microseconds.

## branches and notices

branch-first = as it began
branch-crash = with { $node } crashed
branch-stop = with { $node } stopped
branch-start = with { $node } started
branch-freeze = with { $node } frozen
branch-power-off = with { $node } without power
branch-isolate = with { $node } isolated
branch-produce = with more messages of { $node }
branch-act = with another act
branch-set = with { $setting }={ $value }
branch-unset = with the default of { $setting }
branch-program = with another program of { $node }
branch-added = with one node more
branch-removed = without { $node }
branch-cure = with { $settings }
branch-seed = with seed { $seed }
notice-digest = This link was recorded with another version or another course of events: the run ends differently now.
notice-no-scenario = There is no scenario { $scenario }.
