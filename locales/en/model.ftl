# What is modelled and what is not; fetched when it is opened.

model-intro = AckScope runs the rules of Apache Kafka as state machines: nothing on the page is drawn for show, and the same seed gives the same run everywhere. The outcomes are held against recordings of real clusters of Kafka 4.3.1.
model-version = Kafka { $version }, KRaft
model-is = What is modelled
model-is-brokers = Brokers: logs of record batches with leader epochs, high watermark and log end, followers that fetch, ISR shrink and expand, truncation, min.insync.replicas, fencing, controlled shutdown, retention and compaction.
model-is-controller = Controller: a metadata log that brokers replay at their own pace, sessions and fencing, clean elections, eligible leader replicas, last known leader, unclean elections.
model-is-producer = Producers: acks 0, 1 and all, batches and linger, retries and back-off, time-outs, producer id and sequence numbers, several requests in flight, memory limits.
model-is-consumer = Consumers: positions, fetches up to the high watermark, automatic and manual commits, classic groups, offsets as records in __consumer_offsets, start positions, loss through hand-off and through commits that come too early.
model-is-network = Network: connections that act like TCP (order, FIN, RST, retransmission, silence across a cut), latency, cuts in one or both directions, loss.
model-is-disk = Hosts and disks: what is written and what is synced, what a crash and what a power loss leaves, slow and full disks, replaced disks, frozen processes.
model-not = What is left out
model-params = Parameters
model-params-obeyed = { $count ->
    [one] 1 parameter is obeyed
   *[other] { $count } parameters are obeyed
}
model-params-later = { $count ->
    [one] 1 is accepted and comes with a part that is not built yet
   *[other] { $count } are accepted and come with parts that are not built yet
}
model-params-inert = { $count ->
    [one] 1 decides nothing of what is modelled
   *[other] { $count } decide nothing of what is modelled
}
model-rabbitmq = RabbitMQ
model-rabbitmq-intro = No run of RabbitMQ can be made yet. What is missing:

## scopes of parameters

scope-producer = Producer
scope-consumer = Consumer
scope-share-consumer = Share consumer
scope-topic = Topic
scope-broker = Broker
scope-controller = Controller
scope-group-coordinator = Group coordinator
scope-share-group = Share group
scope-transaction-coordinator = Transaction coordinator
scope-cluster-feature = Cluster features

## parts that parameters come with

part-client-details = Details of the clients
part-consumer-protocol = The consumer protocol of KIP-848
part-controller-quorum = A quorum of controllers
part-corruption = Damaged records
part-disks = Several disks in one broker
part-fetcher-threads = Several fetcher threads
part-follower-fetching = Reading from followers
part-older-versions = Versions before 4.0
part-placement = Placement by rack
part-rebalances = Rebalances
part-share-groups = Share groups
part-topic-creation = Topics that create themselves
part-transactions = Transactions

## left out

left-out-kafka-transactions = Transactions
left-out-kafka-transactions-why = Transactional producers and read_committed are not built yet.
left-out-kafka-share-groups = Share groups
left-out-kafka-share-groups-why = KafkaShareConsumer is not built yet.
left-out-kafka-group-protocol-consumer = group.protocol=consumer
left-out-kafka-group-protocol-consumer-why = Groups use the classic protocol; that of KIP-848 is not built yet.
left-out-kafka-rebalance = Rebalances
left-out-kafka-rebalance-why = A group has one live member; rebalances between live members are not built yet.
left-out-kafka-controller-failure = Failure of the controller
left-out-kafka-controller-failure-why = There is one controller; the quorum that would replace it is not built yet.
left-out-kafka-administration = Administration
left-out-kafka-administration-why = Elections by hand, reassignment, new partitions and deletions are not built yet.
left-out-rabbitmq-publisher = Publishers
left-out-rabbitmq-publisher-why = Transactions, confirms and returns are not built yet.
left-out-rabbitmq-exchanges = Exchanges
left-out-rabbitmq-exchanges-why = Routing and bindings are not built yet.
left-out-rabbitmq-classic-queues = Classic queues
left-out-rabbitmq-classic-queues-why = Their stores on disk and in memory are not built yet.
left-out-rabbitmq-quorum-queues = Quorum queues
left-out-rabbitmq-quorum-queues-why = Queues as members of a Raft cluster are not built yet.
left-out-rabbitmq-streams = Streams
left-out-rabbitmq-streams-why = Logs that many consumers read are not built yet.
left-out-rabbitmq-mirrored-queues = Mirrored queues
left-out-rabbitmq-mirrored-queues-why = The mirrors of versions before 4.0 are not built yet.
left-out-rabbitmq-consumers = Consumers
left-out-rabbitmq-consumers-why = Acknowledgements, prefetch and redelivery are not built yet.
left-out-rabbitmq-cluster = Cluster
left-out-rabbitmq-cluster-why = Metadata stores and the handling of network partitions are not built yet.
