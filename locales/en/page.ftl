# Labels of the page.

page-stage = Stage: nodes, logs and messages in flight
page-settings = Settings
page-panels = Panels
page-transport = Time
page-timeline = Space-time diagram and scrubber
page-legend = Legend
page-verdict = Verdict

## top bar

page-scenario = Scenario
page-scenario-own = Own run
page-scenario-changed = changed
page-scenario-course = The course
page-scenario-more = More scenarios
page-lost-after-ack = lost after ack
page-lost-before-ack = lost before ack
page-stranded = stranded
page-at-risk = at risk
page-duplicated = duplicated
page-reordered = reordered
page-unavailable = unavailable
page-verify = Verify
page-verify-hint = Runs everything again from the seed and the acts, and compares the digests
page-verified-same = same digest
page-verified-different = another digest
page-share = Share
page-share-hint = Whoever opens this link sees this run at this moment, to the microsecond.
page-embed = Embed
page-embed-hint = A live figure for a documentation page; it loads when it comes into view.
page-copy = Copy
page-copied = Copied.
page-copy-failed = The browser does not allow it. Select the text and copy it.
page-theme = Light or dark
page-close = Close

## settings

page-search = Find a parameter…
page-search-nothing = No parameter has this in its name or help.
page-changed = changed
page-differs = differs from the default
page-default = Default
page-reset = Back to the default
page-comes-with = Not obeyed yet; comes with
page-settings-all = Also those not obeyed yet
page-settings-fewer = Only those obeyed
page-no-number = a whole number

## stage

page-more-acts = : more that can be done
page-show-node = Show its state
page-show-entry = Show it in the events
page-tokens = In flight
page-tokens-records = records and their answers
page-tokens-replication = fetches of followers
page-tokens-reading = fetches and commits of consumers
page-tokens-control = metadata, elections, groups
page-tokens-connections = connections opened and closed
page-tokens-background = periodic chatter

## panels

page-tab-messages = Messages
page-tab-why = Why?
page-tab-node = Node
page-tab-events = Events
page-tab-timeline = Diagram
page-tab-settings = Settings
page-messages-none = No message was offered yet.
page-assumes = At risk means: lost if
page-assumes-leader-crash = the leader crashes now
page-assumes-leader-power-loss = the leader loses power now
page-assumes-all-power-loss = all brokers lose power now
page-of-messages = { $count ->
    [one] 1 message:
   *[other] { $count } messages:
}
page-why-hint = Select a message to read what became of it, and why.
page-why-settings = The setting that allowed it
page-cures = What would have saved it?
page-cures-hint = Repeats this run with safer settings, one at a time and then two together, under the same faults and over 20 seeds.
page-cures-stop = Stop
page-cures-try = Try it
page-cures-try-hint = Repeats the run from its beginning with this change; this one stays as a branch.
page-cures-why-not = Why the others do not help
page-go-there = Go to this moment
page-node-hint = Select a node here or on the stage.
page-log = Log
page-log-epoch = Epoch
page-log-start = Start
page-log-synced = Synced
page-timers = Timers
page-program = Application
page-acts = What can be done
page-add = Add to the run
page-add-producer = producer
page-add-consumer = consumer
page-add-broker = broker
page-remove = Remove from the run
page-events-search = Find in the events…
page-events-background = periodic ones
page-events-node = selected node
page-events-message = selected message
page-events-now = Back to now
page-events-earlier = Earlier
page-events-later = Later
page-events-none = No event fits.

## time

page-to-start = Back to the start
page-step-back = Step back
page-play = Play
page-pause = Pause
page-play-again = Play again
page-step = Step
page-to-end = To the end
page-pace = Pace
page-paced = paced
page-real = real
page-speed = Speed
page-event = event
page-seed = seed
page-seed-wrong = A seed is a whole number.
page-branch = branch
page-branch-forget = Forget the other branches
page-folding = idle time folded
page-slower = slower than asked
page-budget = the run's event budget is used up
page-zoom-in = Closer
page-zoom-out = Further
page-open-whole = Open the laboratory

## legend

page-legend-written = written, not committed
page-legend-committed = committed
page-legend-consumed = consumed
page-legend-risk = acked, at risk
page-legend-stranded = stranded
page-legend-lost = lost
page-legend-dup = duplicated
page-legend-unsynced = not fsynced
page-legend-hw = high watermark: readable below
page-legend-leo = end of the log
page-legend-timer = time-out running down
page-legend-internal = Kafka's own record

## keys

page-keys = Keys
page-keys-all = All keys
page-keys-play = Play or pause
page-keys-step = One step back or on
page-keys-start = Back to the start
page-keys-end = To the end
page-keys-speed = Faster or slower
page-keys-reach = Reach and press every button, node, link and message in flight
page-keys-menu = Menu of what has the focus
page-keys-close = Close what is open
page-keys-help = This list
page-model-note = Everything that moves is an event of the simulated cluster; nothing is drawn for show.
page-model = What is modelled, and what is not

## benchmark

page-bench = Benchmark of the stage: script time per frame
page-bench-about = The pool of SVG groups that the product uses, and the same tokens on a canvas; each for three seconds.
page-bench-columns = tokens · way · median ms · 95 % ms · longest ms
page-skip = To the stage
