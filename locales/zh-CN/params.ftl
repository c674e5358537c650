# Kafka 参数说明：每个参数一句话；取值可能造成丢失时另有警告。
# 键：param-<scope>-<把点换成短横线的参数名>，警告再加 -warn。

## producer

param-producer-acks = 生产者得到“已写入”之前，必须有哪些副本收到该批次：无需任何副本（0）、仅 leader（1），或当前全部同步副本（all）。
param-producer-acks-warn = 设为 1 时，只在 leader 上的消息会随 leader 更换而丢失；设为 0 时，发出后的任何失败都无人知晓；两者还会关闭幂等。
param-producer-enable-idempotence = 为每个批次附上生产者 id 和序列号，使 broker 对客户端内部重试的批次只存一次并保持顺序。
param-producer-enable-idempotence-warn = 设为 false 时，应答丢失后的重试会存两份；有多个在途请求时，重试还会打乱顺序。
param-producer-retries = 批次首次发送失败后最多再发送多少次；实际上通常由 delivery.timeout.ms 更早结束。
param-producer-retries-warn = 设为 0 时，一次暂时性错误就让发送彻底失败，并且悄悄关闭幂等。
param-producer-max-in-flight-requests-per-connection = 同一条到 broker 的连接上，最多可有多少个尚未收到应答的生产请求。
param-producer-max-in-flight-requests-per-connection-warn = 大于 1 且未启用幂等时，重试的批次会落在后发批次之后。
param-producer-delivery-timeout-ms = 从批次创建到得出最终结果的总时限，包含所有重试。
param-producer-delivery-timeout-ms-warn = 短于故障切换时间时，集群本可恢复而发送已失败；过期的批次仍可能被写入。
param-producer-request-timeout-ms = 客户端等待单个请求应答的时间；broker 等待各副本时也使用同一时限。
param-producer-request-timeout-ms-warn = 不大于 broker 的 replica.lag.time.max.ms 时，重试会与同步副本收缩赛跑；未启用幂等就会产生重复。
param-producer-linger-ms = 未满的批次在客户端最多等待多久以收集更多消息。
param-producer-linger-ms-warn = 越长，仅存在于客户端的消息就越多，进程崩溃时它们随之消失。
param-producer-batch-size = 同一分区的消息合并为一个批次的字节上限；0 表示不做批处理。
param-producer-buffer-memory = 存放尚未被确认的消息的内存（字节）；用尽后 send() 会阻塞。
param-producer-buffer-memory-warn = broker 变慢而缓冲较小时，send() 以 BufferExhaustedException 失败，且没有任何机制会重试该消息。
param-producer-max-block-ms = send() 为等待元数据和缓冲内存最多可阻塞多久，超过即失败。
param-producer-max-block-ms-warn = 短于故障时间时，消息尚未进入缓冲 send() 就失败，且没有任何机制会重试。
param-producer-max-request-size = 单个请求的最大字节数；更大的消息在客户端直接失败，根本不会发出。
param-producer-max-request-size-warn = 更大的消息在 send() 中失败；忽略返回的 future 就会丢失它。
param-producer-retry-backoff-ms = 首次重试前的等待时间；此后每次翻倍，并带 20% 的随机抖动。
param-producer-retry-backoff-max-ms = 两次重试之间的最长等待时间。
param-producer-reconnect-backoff-ms = 重新连接同一节点之前的等待时间，每次失败后增长。
param-producer-reconnect-backoff-max-ms = 两次连接同一节点的尝试之间的最长等待时间。
param-producer-socket-connection-setup-timeout-ms = 客户端等待 TCP 连接建立的时间，每次失败后增长。
param-producer-socket-connection-setup-timeout-max-ms = 等待 TCP 连接建立的最长时间。
param-producer-connections-max-idle-ms = 连接空闲多久后由客户端关闭。
param-producer-metadata-max-age-ms = 即使没有错误，客户端多久强制刷新一次元数据；在此之前它可能仍在使用已下台的 leader。
param-producer-metadata-max-idle-ms = 多久没有向某主题发送后，客户端就丢弃其元数据。
param-producer-metadata-recovery-strategy = 已知的 broker 都不应答时客户端怎么做：一直等待，还是从 bootstrap 服务器重新开始。
param-producer-metadata-recovery-rebootstrap-trigger-ms = 多久得不到可用元数据后，客户端从 bootstrap 服务器重新开始。
param-producer-partitioner-class = 选择分区的类；未设置时有键按键的哈希，无键则按批次粘滞。
param-producer-partitioner-adaptive-partitioning-enable = 让较慢的 broker 少分到没有键的消息。
param-producer-partitioner-availability-timeout-ms = broker 多久不接收请求后，不再分给它没有键的消息；0 表示关闭。
param-producer-partitioner-ignore-keys = 放置消息时忽略键，因此同一个键的消息可能进入不同分区。
param-producer-transactional-id = 生产者写事务所用的名称，并以此隔离自己先前的实例。
param-producer-transactional-id-warn = 不使用事务时，消费与生产不是一个整体：两者之间崩溃会造成重复或跳过。
param-producer-transaction-timeout-ms = 事务多久没有结束，协调者就将其中止。

## consumer

param-consumer-group-id = 消费者所属的组，用于读取和提交；不设置则没有组，也不提交位移。
param-consumer-group-id-warn = 没有组就不会提交任何位移，每次启动都按 auto.offset.reset 定位。
param-consumer-group-protocol = 消费者使用的组协议：经典协议，或 KIP-848 的服务端协议。
param-consumer-group-instance-id = 成员的固定名称；有了它，会话期内重启可保留分区，close() 也不会离开组。
param-consumer-session-timeout-ms = 多久收不到心跳，协调者就移除该成员（经典协议）。
param-consumer-heartbeat-interval-ms = 成员向协调者发送心跳的间隔（经典协议）。
param-consumer-max-poll-interval-ms = 两次调用 poll() 之间的最长间隔，超过后成员会自行离开组。
param-consumer-max-poll-records = 一次 poll() 最多交出多少条消息；不影响拉取的数量。
param-consumer-max-poll-records-warn = 一次 poll 交出的消息越多，一次提交所覆盖的未处理消息就越多。
param-consumer-partition-assignment-strategy = 经典组成员提供的分配器列表；采用全体共有的第一个。
param-consumer-group-remote-assignor = 新协议的组所请求的 broker 端分配器。
param-consumer-enable-auto-commit = 让 poll() 和 close() 自动提交先前各次 poll 交出的全部位移，不论是否处理完。
param-consumer-enable-auto-commit-warn = 设为 true 时，已转交其他线程的消息，或因异常在 close() 前未处理的消息，会被提交从而跳过。
param-consumer-auto-commit-interval-ms = 启用 enable.auto.commit 时，poll() 自动提交的间隔。
param-consumer-auto-commit-interval-ms-warn = 崩溃后，自上次提交以来处理过的消息会再处理一遍。
param-consumer-auto-offset-reset = 组内没有位移或位移越界时从何处开始：最早、最新、按时长回溯，或直接报错。
param-consumer-auto-offset-reset-warn = 设为 latest 时，组内有位移之前写入的一切会被悄悄跳过：首次启动、位移过期之后，以及新增的分区。
param-consumer-isolation-level = 消费者是否能看到未结束或已中止的事务中的消息。
param-consumer-isolation-level-warn = 设为 read_uncommitted 时，之后被中止的事务中的消息也会被处理。
param-consumer-fetch-min-bytes = broker 在 fetch.max.wait.ms 之内凑够多少字节才应答拉取。
param-consumer-fetch-max-wait-ms = 数据不足时，broker 把拉取请求最多挂起多久。
param-consumer-fetch-max-bytes = 单次拉取应答的字节上限；首个批次即使更大也会返回。
param-consumer-max-partition-fetch-bytes = 拉取应答中每个分区的字节上限；首个批次即使更大也会返回。
param-consumer-request-timeout-ms = 客户端等待单个请求应答的时间。
param-consumer-default-api-timeout-ms = commitSync() 等阻塞调用最多重试多久才失败。
param-consumer-retry-backoff-ms = 请求首次重试前的等待时间，此后每次翻倍。
param-consumer-retry-backoff-max-ms = 请求两次重试之间的最长等待时间。
param-consumer-check-crcs = 让消费者校验所读数据的校验和。
param-consumer-check-crcs-warn = 设为 false 时，传输中损坏的消息会被当作完好的来处理。
param-consumer-allow-auto-create-topics = 订阅不存在的主题时允许自动创建（须 broker 也允许）。
param-consumer-metadata-max-age-ms = 即使没有错误，客户端多久刷新一次元数据；它也决定多久才能发现新分区。
param-consumer-client-rack = 消费者所在的机架，broker 可据此让它从就近副本读取。

## share-consumer

param-share-consumer-share-acknowledgement-mode = 下一次 poll() 自动确认上一批消息，还是必须逐条显式确认。
param-share-consumer-share-acknowledgement-mode-warn = 设为 implicit 时，下一次 poll() 会确认其他线程可能尚未处理完的消息。
param-share-consumer-share-acquire-mode = 按整批获取，还是严格按 max.poll.records 的条数获取。

## topic

param-topic-replication-factor = 每个分区有多少个 broker 保存副本。
param-topic-replication-factor-warn = 设为 1 时，磁盘丢失就是数据丢失，broker 宕机就是不可用。
param-topic-min-insync-replicas = acks=all 的写入以及高水位推进所需的最少同步副本数。
param-topic-min-insync-replicas-warn = 设为 1 时，其他副本掉队后 acks=all 只需 leader 一个即可确认，该 broker 断电就会丢失已确认的消息。
param-topic-unclean-leader-election-enable = 没有更好的副本时允许不同步的副本成为 leader；它缺少的数据就丢失。
param-topic-unclean-leader-election-enable-warn = 设为 true 时，按分配顺序第一个存活的副本成为 leader，它缺少的已确认消息会在各处被截断。
param-topic-flush-messages = 累计多少条消息后强制刷盘，在应答生产者之前完成。
param-topic-flush-messages-warn = 默认情况下 Kafka 确认前不刷盘；所有副本同时断电时，已确认的消息会丢失。
param-topic-flush-ms = 消息最多在页缓存停留多久就强制刷盘。
param-topic-flush-ms-warn = 尚未刷盘的数据，在持有它的副本全部断电时丢失。
param-topic-segment-bytes = 日志段达到多大就新开一段；保留和压缩从不触及活动段。
param-topic-segment-ms = 日志段未满时，存在多久也会新开一段。
param-topic-retention-ms = 日志段按其最新消息的时间最多保留多久后删除；-1 表示永久。
param-topic-retention-ms-warn = 届时消费者仍未读取的消息会被删除；时间戳过旧的消息在下次检查时就会删除。
param-topic-retention-bytes = 分区最大多少字节，超过即删除最旧的段；-1 表示不限。
param-topic-retention-bytes-warn = 写入量超过上限时，最旧的日志段会被删除，不论是否已被读取。
param-topic-cleanup-policy = 旧日志段是删除、按键压缩只留最新一条，还是两者并用。
param-topic-cleanup-policy-warn = 设为 compact 时，每个键只保留最新一条，其余被清除；慢的消费者永远看不到它们。
param-topic-min-cleanable-dirty-ratio = 未压缩部分占日志多大比例后，清理器才处理该日志。
param-topic-min-compaction-lag-ms = 消息写入后至少多久不会被压缩。
param-topic-min-compaction-lag-ms-warn = 设为 0 时，日志段一关闭，消息就可能被压缩掉。
param-topic-max-compaction-lag-ms = 无论脏数据比例如何，消息最迟多久必须被清理器处理。
param-topic-delete-retention-ms = 压缩日志中某个键的删除标记保留多久。
param-topic-delete-retention-ms-warn = 读取压缩日志慢于此时间的消费者会漏掉删除标记。
param-topic-max-message-bytes = broker 接受的最大批次字节数。
param-topic-max-message-bytes-warn = 更大的批次会被永久拒绝；acks=0 时毫无提示。
param-topic-message-timestamp-type = 消息采用生产者的时间还是追加到日志的时间；保留期以此为准。
param-topic-message-timestamp-type-warn = 设为 CreateTime 时，生产者时钟错误或时间过旧会让保留策略删除刚写入的消息。
param-topic-message-timestamp-before-max-ms = 消息时间戳最多可早于当前多久，超过即被 broker 拒绝。
param-topic-message-timestamp-before-max-ms-warn = 更早的消息会被永久拒绝。
param-topic-message-timestamp-after-max-ms = 消息时间戳最多可晚于当前多久，超过即被 broker 拒绝。
param-topic-message-timestamp-after-max-ms-warn = 时间戳更靠后的消息会被永久拒绝。
param-topic-message-timestamp-difference-max-ms = 消息时间戳与 broker 时钟最多相差多少，超过即被拒绝。
param-topic-partitions = 主题分为多少个分区；日后增加会使键落到别的分区。

## broker

param-broker-default-replication-factor = 创建主题时未指定副本数则使用此值。
param-broker-default-replication-factor-warn = 设为 1 时，自动创建的主题只有一份副本。
param-broker-min-insync-replicas = 未自行设置的主题所用的 min.insync.replicas，包括 __consumer_offsets。
param-broker-min-insync-replicas-warn = 设为 1 时，已确认的消息和提交可能只存在于一个 broker；__consumer_offsets 也用这个值。
param-broker-replica-lag-time-max-ms = follower 落后 leader 多久后会被移出同步副本集合。
param-broker-replica-lag-time-max-ms-warn = 设得过短时，较慢的 follower 很快被移出，acks=all 等待的副本随之减少。
param-broker-replica-fetch-wait-max-ms = 没有新数据时，leader 把 follower 的拉取请求最多挂起多久。
param-broker-replica-fetch-min-bytes = leader 凑够多少字节才应答 follower 的拉取。
param-broker-replica-fetch-max-bytes = follower 每次拉取单个分区的字节上限；首个批次即使更大也会返回。
param-broker-replica-fetch-response-max-bytes = 对 follower 单次拉取应答的总字节上限。
param-broker-replica-fetch-backoff-ms = follower 拉取失败后，暂停该分区多久。
param-broker-replica-socket-timeout-ms = follower 等待拉取应答多久后关闭连接。
param-broker-num-replica-fetchers = follower 从同一个 leader 所在 broker 拉取时使用多少个线程。
param-broker-replica-high-watermark-checkpoint-interval-ms = broker 多久把高水位写入磁盘一次。
param-broker-unclean-leader-election-enable = 未自行设置的主题所用的 unclean.leader.election.enable。
param-broker-unclean-leader-election-enable-warn = 设为 true 时，若只剩不同步的副本，已确认的消息会丢失。
param-broker-replica-selector-class = 允许消费者从 follower 读取的选择类；未设置则总是读 leader。
param-broker-controlled-shutdown-enable = broker 停止前先移交它的 leader 职责。
param-broker-controlled-shutdown-enable-warn = 设为 false 时，broker 停止后其分区在会话到期前没有 leader。
param-broker-controlled-shutdown-max-retries = 停机中的 broker 最多重复请求控制器接管 leader 多少次。
param-broker-controlled-shutdown-retry-backoff-ms = 两次此类请求之间的等待时间。
param-broker-log-flush-interval-messages = 未自行设置的主题所用的 flush.messages。
param-broker-log-flush-interval-messages-warn = 默认情况下 Kafka 确认前不刷盘；所有副本同时断电时，已确认的消息会丢失。
param-broker-log-flush-interval-ms = 未自行设置的主题所用的 flush.ms。
param-broker-log-flush-interval-ms-warn = 尚未刷盘的数据，在持有它的副本全部断电时丢失。
param-broker-log-flush-scheduler-interval-ms = broker 多久检查一次是否有日志需要刷盘。
param-broker-log-flush-offset-checkpoint-interval-ms = broker 多久记录一次各日志已刷盘的位置；它本身不触发刷盘。
param-broker-log-flush-start-offset-checkpoint-interval-ms = broker 多久记录一次各日志的起始位移。
param-broker-log-segment-bytes = 未自行设置的主题所用的 segment.bytes。
param-broker-log-roll-hours = 未自行设置的主题所用的 segment.ms，以小时计。
param-broker-log-retention-hours = 未自行设置的主题所用的 retention.ms，以小时计。
param-broker-log-retention-hours-warn = 届时消费者仍未读取的消息会被删除；时间戳过旧的消息在下次检查时就会删除。
param-broker-log-retention-bytes = 未自行设置的主题所用的 retention.bytes。
param-broker-log-retention-bytes-warn = 写入量超过上限时，最旧的日志段会被删除，不论是否已被读取。
param-broker-log-retention-check-interval-ms = broker 多久检查一次可按保留期删除的日志段。
param-broker-log-initial-task-delay-ms = broker 启动后多久才首次执行保留、刷盘和检查点任务。
param-broker-log-cleanup-policy = 未自行设置的主题所用的 cleanup.policy。
param-broker-log-cleanup-policy-warn = 设为 compact 时，每个键只保留最新一条，其余被清除；慢的消费者永远看不到它们。
param-broker-log-cleaner-enable = broker 是否运行压缩日志的清理器。
param-broker-log-cleaner-backoff-ms = 清理器无事可做时休眠多久。
param-broker-log-cleaner-min-cleanable-ratio = 未自行设置的主题所用的 min.cleanable.dirty.ratio。
param-broker-log-cleaner-min-compaction-lag-ms = 未自行设置的主题所用的 min.compaction.lag.ms。
param-broker-log-cleaner-max-compaction-lag-ms = 未自行设置的主题所用的 max.compaction.lag.ms。
param-broker-log-cleaner-delete-retention-ms = 未自行设置的主题所用的 delete.retention.ms。
param-broker-process-roles = 节点是 broker、控制器还是兼任两者；兼任的节点崩溃时两者一起失去。
param-broker-log-dirs = 日志所在目录；默认在 /tmp 之下，重建的容器会从空目录开始。
param-broker-log-dirs-warn = 位于 /tmp 或容器内部的目录，在机器或容器重建后是空的。
param-broker-message-max-bytes = 未自行设置的主题所用的 max.message.bytes。
param-broker-message-max-bytes-warn = 更大的批次会被永久拒绝；acks=0 时毫无提示。
param-broker-log-message-timestamp-type = 未自行设置的主题所用的 message.timestamp.type。
param-broker-log-message-timestamp-before-max-ms = 未自行设置的主题所用的 message.timestamp.before.max.ms。
param-broker-log-message-timestamp-after-max-ms = 未自行设置的主题所用的 message.timestamp.after.max.ms。
param-broker-log-message-timestamp-difference-max-ms = 未自行设置的主题所用的 message.timestamp.difference.max.ms。
param-broker-num-recovery-threads-per-data-dir = 非正常停止后，每个目录同时恢复多少个日志。
param-broker-log-dir-failure-timeout-ms = 目录故障而无法告知控制器时，broker 多久后自行关闭。
param-broker-auto-create-topics-enable = 请求不存在的主题时是否自动创建。
param-broker-num-partitions = 创建主题时未指定分区数则使用此值。
param-broker-request-timeout-ms = broker 等待自身请求（例如发给控制器的请求）应答的时间。
param-broker-broker-heartbeat-interval-ms = broker 向活动控制器发送心跳的间隔。
param-broker-initial-broker-registration-timeout-ms = 启动中的 broker 多久未能在控制器注册就放弃。
param-broker-transaction-partition-verification-enable = 追加事务消息之前，broker 先向事务协调者核实。
param-broker-producer-id-expiration-ms = 生产者多久没有写入后，分区忘记其 id 和序列号。
param-broker-producer-id-expiration-ms-warn = 晚于此时间的重试会被当作新消息存入。
param-broker-producer-id-expiration-check-interval-ms = broker 多久检查一次可以忘记的生产者 id。
param-broker-add-partitions-to-txn-retry-backoff-ms = broker 再次请求协调者把分区加入事务之前的等待时间。
param-broker-add-partitions-to-txn-retry-backoff-max-ms = broker 重复该请求的总时限。
param-broker-zookeeper-session-timeout-ms = ZooKeeper 多久得不到 broker 的消息就判定其失效。

## controller

param-controller-auto-leader-rebalance-enable = 控制器是否自动把 leader 交还给首选副本。
param-controller-auto-leader-rebalance-enable-warn = 设为 true 时，没有任何崩溃的 leader 更换也可能截断 acks=1 已确认的消息。
param-controller-leader-imbalance-check-interval-seconds = 控制器多久检查一次 leader 不在首选副本上的分区。
param-controller-unclean-leader-election-interval-ms = 控制器多久检查一次此间已允许不洁选举的无 leader 分区。
param-controller-broker-session-timeout-ms = 控制器多久收不到 broker 心跳就将其隔离并另选 leader。
param-controller-broker-session-timeout-ms-warn = 在此期间，失效的 leader 不会被替换，而只是被隔离的 leader 会继续确认 acks=1 的写入。
param-controller-controller-quorum-election-timeout-ms = 候选者等待选票多久后重新发起选举。
param-controller-controller-quorum-voters = 参与投票的控制器；其数目决定哪些故障会使元数据日志停止。
param-controller-controller-quorum-fetch-timeout-ms = 投票者多久拉取不到 leader 的数据就发起选举。
param-controller-controller-quorum-election-backoff-max-ms = 选票分裂后，重新选举前的最长随机等待。
param-controller-controller-quorum-append-linger-ms = 控制器写入元数据之前，最多收集多久。
param-controller-controller-quorum-request-timeout-ms = 控制器等待另一个控制器应答的时间。
param-controller-controller-quorum-retry-backoff-ms = 控制器向另一个控制器重发请求前的等待时间。

## group-coordinator

param-group-coordinator-group-min-session-timeout-ms = 经典成员可请求的最小 session.timeout.ms。
param-group-coordinator-group-max-session-timeout-ms = 经典成员可请求的最大 session.timeout.ms。
param-group-coordinator-group-initial-rebalance-delay-ms = 空组在首个成员加入后再等待其他成员多久。
param-group-coordinator-group-max-size = 组内最多可有多少成员。
param-group-coordinator-offsets-topic-replication-factor = 已提交位移由多少个 broker 保存副本。
param-group-coordinator-offsets-topic-replication-factor-warn = 设为 1 时，磁盘丢失会使组的位移丢失，之后按 auto.offset.reset 重新开始。
param-group-coordinator-offsets-topic-num-partitions = 已提交位移的主题分为多少个分区；它决定由哪个 broker 协调某个组。
param-group-coordinator-offsets-commit-timeout-ms = 协调者等待提交完成复制多久后以错误应答。
param-group-coordinator-offsets-commit-required-acks = 提交得到应答前须有多少副本收到；-1 表示全部同步副本。
param-group-coordinator-offsets-commit-required-acks-warn = 设为 0 或 1 时，协调者所在 broker 故障会丢失已确认的提交。
param-group-coordinator-offsets-retention-minutes = 没有成员的组，其已提交位移保留多久。
param-group-coordinator-offsets-retention-minutes-warn = 离开更久的组会按 auto.offset.reset 开始：设为 latest 就会跳过期间的消息。
param-group-coordinator-offsets-retention-check-interval-ms = 协调者多久检查一次过期的位移。
param-group-coordinator-offset-metadata-max-bytes = 客户端随提交附带的文本最多多少字节。
param-group-coordinator-group-coordinator-append-linger-ms = 协调者追加提交之前最多收集多久；-1 表示随负载自适应。
param-group-coordinator-group-coordinator-rebalance-protocols = 协调者提供哪些组协议。
param-group-coordinator-group-consumer-session-timeout-ms = 新协议的组成员多久没有心跳就被移除。
param-group-coordinator-group-consumer-min-session-timeout-ms = 新协议的组可设的最小会话超时。
param-group-coordinator-group-consumer-max-session-timeout-ms = 新协议的组可设的最大会话超时。
param-group-coordinator-group-consumer-heartbeat-interval-ms = 新协议的组成员发送心跳的间隔。
param-group-coordinator-group-consumer-min-heartbeat-interval-ms = 新协议的组可设的最小心跳间隔。
param-group-coordinator-group-consumer-max-heartbeat-interval-ms = 新协议的组可设的最大心跳间隔。
param-group-coordinator-group-consumer-assignors = 协调者为新协议的组提供的分配器；第一个为默认。
param-group-coordinator-group-consumer-migration-policy = 有成员时，组可在经典与新协议之间朝哪个方向转换。
param-group-coordinator-group-consumer-assignment-interval-ms = 两次计算组分配方案之间的最短时间。
param-group-coordinator-group-consumer-min-assignment-interval-ms = 组可设的最小分配间隔。
param-group-coordinator-group-consumer-max-assignment-interval-ms = 组可设的最大分配间隔。
param-group-coordinator-consumer-session-timeout-ms = 某个新协议组的会话超时；未设置则用 broker 的值。
param-group-coordinator-consumer-heartbeat-interval-ms = 某个新协议组的心跳间隔；未设置则用 broker 的值。
param-group-coordinator-consumer-assignment-interval-ms = 某个新协议组的分配间隔；未设置则用 broker 的值。

## share-group

param-share-group-group-share-delivery-count-limit = 共享组丢弃一条消息之前最多投递多少次。
param-share-group-group-share-delivery-count-limit-warn = 失败达到此次数的消息会被丢弃。
param-share-group-group-share-record-lock-duration-ms = 消息被某个消费者获取后锁定多久，之后其他消费者可再取得。
param-share-group-group-share-min-record-lock-duration-ms = 共享组可设的最短锁定时间。
param-share-group-group-share-max-record-lock-duration-ms = 共享组可设的最长锁定时间。
param-share-group-group-share-partition-max-record-locks = 共享组在一个分区上最多同时持有多少条消息。
param-share-group-group-share-max-size = 共享组最多可有多少成员。
param-share-group-group-share-session-timeout-ms = 共享组成员多久没有心跳就被移除。
param-share-group-group-share-min-session-timeout-ms = 共享组可设的最小会话超时。
param-share-group-group-share-max-session-timeout-ms = 共享组可设的最大会话超时。
param-share-group-group-share-heartbeat-interval-ms = 共享组成员发送心跳的间隔。
param-share-group-group-share-min-heartbeat-interval-ms = 共享组可设的最小心跳间隔。
param-share-group-group-share-max-heartbeat-interval-ms = 共享组可设的最大心跳间隔。
param-share-group-share-coordinator-state-topic-num-partitions = 共享组状态主题分为多少个分区。
param-share-group-share-auto-offset-reset = 共享组尚无状态时从何处开始。
param-share-group-share-auto-offset-reset-warn = 设为 latest 时，新的共享组会跳过此前写入的一切。
param-share-group-share-isolation-level = 共享组是否能看到未结束或已中止的事务中的消息。
param-share-group-share-renew-acknowledge-enable = 允许消费者为仍在处理的消息续期锁定。
param-share-group-share-coordinator-state-topic-replication-factor = 共享组状态由多少个 broker 保存副本。
param-share-group-share-coordinator-state-topic-replication-factor-warn = 设为 1 时，磁盘丢失会使共享组的确认状态丢失。
param-share-group-share-coordinator-state-topic-min-isr = 写入共享组状态需要多少个同步副本。
param-share-group-share-coordinator-state-topic-min-isr-warn = 设为 1 时，已确认的状态可能只存在于一个 broker。

## transaction-coordinator

param-transaction-coordinator-transaction-state-log-replication-factor = 事务状态由多少个 broker 保存副本。
param-transaction-coordinator-transaction-state-log-replication-factor-warn = 设为 1 时，磁盘丢失会使事务结果丢失。
param-transaction-coordinator-transaction-state-log-min-isr = 写入事务状态需要多少个同步副本。
param-transaction-coordinator-transaction-state-log-min-isr-warn = 设为 1 时，事务结果可能只存在于一个 broker。
param-transaction-coordinator-transaction-state-log-num-partitions = 事务状态主题分为多少个分区；它决定由哪个 broker 协调某个事务 id。
param-transaction-coordinator-transaction-max-timeout-ms = 生产者可请求的最大 transaction.timeout.ms。
param-transaction-coordinator-transactional-id-expiration-ms = 事务 id 多久未使用就被遗忘。
param-transaction-coordinator-transaction-abort-timed-out-transaction-cleanup-interval-ms = 协调者多久检查一次已超时的事务。
param-transaction-coordinator-transaction-remove-expired-transaction-cleanup-interval-ms = 协调者多久检查一次过期的事务 id。

## cluster-feature

param-cluster-feature-eligible-leader-replicas-version = 让控制器记住哪些副本保有全部已提交数据，并只从中无损选主（KIP-966）。
param-cluster-feature-eligible-leader-replicas-version-warn = 设为 0 时，最后一个同步副本无论磁盘发生过什么都会再次成为 leader，其他副本会截断它丢失的部分。
param-cluster-feature-transaction-version = 集群使用的事务协议版本；2 会在每个事务后提升 epoch。
param-cluster-feature-transaction-version-warn = 低于 2 时，先前事务的迟到写入可能混入下一个事务。
param-cluster-feature-group-version = 集群是否提供 KIP-848 的消费者协议。
param-cluster-feature-share-version = 集群是否提供共享组。
