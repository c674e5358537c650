# What happens in a run, in sentences: the log of events, the line at the bottom of the stage, screen
# readers. Names of nodes, messages and partitions are arguments. Kafka's own words stay as they are.

## packets and connections

packet-answer = { $name } answer
packet-error = { $name } answer { $error }
narr-sent = { $node } sends { $packet } to { $to }.
narr-sent-messages = { $more ->
    [0] { $node } sends { $message } to { $to } ({ $packet }).
   *[other] { $node } sends { $message } and { $more } more to { $to } ({ $packet }).
}
narr-read = { $node } reads { $packet } from { $from }.
narr-read-messages = { $more ->
    [0] { $node } receives { $message } from { $from } ({ $packet }).
   *[other] { $node } receives { $message } and { $more } more from { $from } ({ $packet }).
}
narr-vanished = { $packet } from { $from } to { $node } is gone: nobody will read it.
narr-vanished-messages = { $more ->
    [0] { $packet } with { $message } from { $from } to { $node } is gone: nobody will read it.
   *[other] { $packet } with { $message } and { $more } more from { $from } to { $node } is gone: nobody will read it.
}
narr-opened = { $node } has a connection.
narr-refused = { $node } is refused a connection: nobody listens there.
narr-closed-fin = A connection of { $node } was closed by the other side.
narr-closed-rst = A connection of { $node } was reset.
narr-closed-gave-up = { $node } gives up a connection: no answer for too long.
narr-fired = { $node }: { $timer }.
narr-synced = { $node } has synced { $file } to disk.
narr-written = { $node } hears that its send queue is short again.
narr-written-back = The operating system of { $node } writes { $file } back to disk.
narr-ordered = { $node }: the application calls { $call }.
narr-exited = { $node } has ended.
narr-crashed = { $node } crashes. What it wrote to its files stays.
narr-powered-off = { $node } loses power. What was only in the page cache may be gone.
narr-up = { $node } starts.

## producers

fact-offered = { $node }: the application calls send() for { $message }.
fact-fired = { $node } counts { $messages } as sent, without an answer (acks=0).
fact-acked = { $node } learns that { $messages } is written ({ $partition }, offset { $offset }).
fact-send-failed = { $node }: send() failed for { $messages }: { $error }.
fact-retrying = { $node } will send { $messages } again (attempt { $attempt }) after { $error }.
fact-epoch-bumped = { $node } raises its producer epoch to { $epoch } and numbers from 0 again.
fact-forgotten = { $node } ends with { $messages } neither acknowledged nor failed.

## replicas

fact-appended = { $node } appends { $messages } to { $partition } at offset { $offset }.
fact-appended-own = { $node } appends a record of its own to { $partition } at offset { $offset }.
fact-duplicate-dropped = { $node } has { $messages } in { $partition } already (offset { $offset }): it answers and appends nothing.
fact-produce-refused = { $node } refuses { $messages } for { $partition }: { $error }.
fact-parked = { $node } waits for the in-sync replicas of { $partition } up to offset { $offset } before it answers.
fact-truncated = { $node } cuts { $partition } back to offset { $offset }: { $messages } is gone from its log.
fact-truncated-none = { $node } cuts { $partition } back to offset { $offset }; no message is lost by it.
fact-deleted = { $node } deletes { $messages } from { $partition } by rule; the log begins at { $offset } now.
fact-high-watermark = High watermark of { $partition } on { $node }: { $offset }.
fact-leads = { $node } leads { $partition } now, epoch { $epoch }, log end { $offset }.
fact-follows = { $node } follows { $leader } in { $partition }, epoch { $epoch }.
fact-isr-proposed = { $node } asks for ISR { $isr } of { $partition }.
fact-recovered = { $node } has read its log of { $partition } again: it ends at { $offset }.

## controller

fact-registered = { $node } registers { $broker }, which did not stop cleanly or is new.
fact-registered-clean = { $node } registers { $broker } after a clean stop.
fact-registration-refused = { $node } does not register { $broker } yet: its old session is alive.
fact-fenced = { $node } fences { $broker }: no heartbeat within its session.
fact-unfenced = { $node } unfences { $broker }: it may lead and join ISRs again.
fact-shutting-down = { $node } lets { $broker } begin its controlled shutdown.
fact-isr-changed = { $node } sets the ISR of { $partition } to { $isr }; ELR: { $elr }.
fact-elected-clean = { $node } makes { $leader } leader of { $partition }, epoch { $epoch }; ISR { $isr }.
fact-elected-last-known = { $node } makes { $leader }, the last known leader, leader of { $partition } again, epoch { $epoch }: its log may be short; ISR { $isr }.
fact-elected-unclean = { $node } makes { $leader } leader of { $partition } though it was not in sync, epoch { $epoch }: what it lacks is lost; ISR { $isr }.
fact-elected-nobody = { $node } finds nobody who may lead { $partition }.
fact-topic-created = { $node } creates the topic { $topic }.

## consumers and groups

fact-positioned-committed = { $node } reads { $partition } from the committed offset { $offset }.
fact-positioned-reset = { $node } reads { $partition } from { $offset } by auto.offset.reset.
fact-positioned-sought = { $node } seeks offset { $offset } of { $partition }.
fact-positioned-truncated = { $node } goes back to offset { $offset } of { $partition }: the log was truncated below its position.
fact-handed = poll() hands { $node } the offsets { $from } to { $last } of { $partition }.
fact-processed = { $node } has processed { $messages } of { $partition }.
fact-dropped = { $node } met an exception and will not process { $messages } of { $partition }.
fact-effect-suppressed = The sink of { $node } knows { $message } already: no second effect.
fact-committed = Group { $group } has committed offset { $offset } of { $partition } ({ $node }).
fact-assigned = { $node } owns { $partitions } in generation { $generation }.
fact-call-failed = { $node }: { $call } failed with { $error }.
fact-call-returned = { $node }: { $call } returned.
fact-coordinates = { $node } coordinates the groups of { $partition } now.
fact-member-joined = A member joins group { $group } at { $node }.
fact-member-left = A member leaves group { $group } at { $node }.
fact-member-expired = { $node } removes a member of group { $group }: no heartbeat within its session.
fact-generation = Group { $group } has generation { $generation } at { $node }.
fact-offset-stored = Offset { $offset } of { $partition } is stored for group { $group } at { $node }.
fact-log-read = { $node } has read { $partition } from { $from } to { $offset }.
fact-offsets-read = { $node } has read the committed offsets of group { $group }.
fact-described = { $node } has asked for the state of { $partition }.

## acts

act-crash-done = Somebody kills { $node }.
act-stop-done = { $node } is asked to stop.
act-start-done = { $node } is started.
act-freeze-done = { $node } freezes: it takes no step until it is thawed.
act-thaw-done = { $node } goes on where it froze.
act-power-off-done = The power of { $node } is cut; { $keep }.
keep-synced = what was not synced is gone
keep-drawn = a part of what was not synced survives
keep-records = some records that were not synced survive
keep-all = all that was written survives
act-wipe-done = The disk of { $node } is replaced by an empty one.
act-truncate-done = The file { $file } of { $node } is cut back to { $count } records by hand.
act-remove-done = The file { $file } of { $node } is deleted by hand.
act-cut-done = The network from { $from } to { $to } is cut.
act-mend-done = The network from { $from } to { $to } is mended.
act-heal-done = All cuts are healed.
act-slow-done = Packets from { $from } to { $to } take { $by } longer.
act-lose-done = { $percent } % of the packets from { $from } to { $to } are lost and sent again.
act-slow-disk-done = Each sync on { $node } takes { $by } longer.
act-fill-disk-done = The disk of { $node } is full.
act-empty-disk-done = The disk of { $node } has room again.
act-fire-done = A timer of { $node } is due at once: { $timer }.
act-hold-done = A packet is held (event { $entry }), and what is behind it.
act-release-done = A held packet goes on (event { $entry }).
act-drop-done = A connection is broken at a packet (event { $entry }).
act-deliver-done = A packet arrives at once (event { $entry }).
act-order-done = { $node } is told: { $call }.
act-change-done = A setting is changed.
act-add-done = { $node } is added.
order-send = { $count ->
    [one] send() for one message
   *[other] send() for { $count } messages
}
order-run = its program goes on
order-pause = its program pauses
order-poll-start = poll() in the background
order-poll-stop = no more poll() in the background
order-read-all = read a whole log

## the stage

stage-title-controller = controller { $name }
stage-title-broker = broker { $name }
stage-title-producer = producer { $name }
stage-title-consumer = consumer { $name }
stage-title-observer = observer { $name }
stage-leader = ★ leader
stage-leads = ★ leads { $count } of { $of }
stage-follower = follower
stage-is-fenced = fenced
stage-fenced = fenced: { $nodes }
stage-frozen = ❄ frozen { $at }
stage-down = ✕ down { $at }
stage-off = ⏻ no power { $at }
stage-not-started = not started
stage-isr = { $partition }: ISR { $isr } · ELR { $elr }
stage-more-partitions = and { $count } more partitions
stage-broker-epoch = epoch { $epoch } · page cache { $unsynced }, synced to { $synced }
stage-broker-one = page cache { $unsynced }, synced to { $synced }
stage-broker-all = page cache { $unsynced ->
    [one] 1 record
   *[other] { $unsynced } records
}
stage-failed = ✕ { $count } failed
stage-waiting = in flight { $count }
stage-acked = acked { $count }
stage-group = group { $group }
stage-no-group = no group
stage-owns-nothing = reads nothing yet
stage-position = position { $offset }
stage-committed = committed { $offset }
stage-owns = reads { $count } partitions
stage-processed = processed { $count }

## timers

timer-session = session of { $node } at the controller
timer-session-scan = look for ended sessions
timer-balance = preferred leader balancing
timer-unclean-scan = look for partitions for unclean election
timer-metadata-park = a waiting metadata fetch ends
timer-register = registration
timer-heartbeat = heartbeat to the controller
timer-publication = the loaded logs are published
timer-acceptors = the port opens
timer-controller-link = connect to the controller again
timer-lag-check = look for lagging followers
timer-checkpoint = write high watermarks to disk
timer-retention = look for old segments
timer-clean = look for logs to compact
timer-fetcher = fetch again
timer-fetch-park = a waiting fetch ends
timer-produce-park = a waiting produce request times out
timer-alter-retry = ask for the ISR change again
timer-exit = the process ends
timer-rebalance = a rebalance ends waiting
timer-member-session = session of a group member
timer-commit-park = a waiting commit times out
timer-coordinator-flush = the coordinator writes its batch
timer-offset-expiry = look for expired offsets
timer-net = the network client looks around
timer-library = the client library looks around
timer-member-heartbeat = heartbeat to the coordinator
timer-auto-commit = auto commit
timer-application = the application's next call
timer-processing = a record is processed
timer-order-deadline = a call's time is over

## the diagram

band-down = ✕ down { $at }
band-frozen = ❄ frozen { $at }
band-leads = leads since { $at }
