# 模拟了什么、没有模拟什么；打开时才加载。

model-intro = AckScope 把 Apache Kafka 的规则作为状态机运行：页面上没有任何东西是为了好看而画的，同一个种子在任何地方都得到同一次运行。结果与真实 Kafka 4.3.1 集群的记录逐项比对。
model-version = Kafka { $version }（KRaft）
model-is = 模拟了什么
model-is-brokers = 节点：由记录批次组成的日志及 leader epoch、高水位与日志末端、拉取数据的跟随者、ISR 的收缩与扩张、截断、min.insync.replicas、隔离、受控关闭、按时间保留与压实。
model-is-controller = 控制器：各节点按自己的速度重放的元数据日志、会话与隔离、干净选举、合格 leader 副本（ELR）、最后已知 leader、不干净选举。
model-is-producer = 生产者：acks 0、1 与 all，批次与 linger，重试与退避，各种超时，生产者 id 与序列号，多个在途请求，内存上限。
model-is-consumer = 消费者：位置，只拉取到高水位，自动与手动提交，经典消费组，作为记录保存在 __consumer_offsets 中的位移，起始位置，交给其他线程或过早提交造成的丢失。
model-is-network = 网络：像 TCP 一样的连接（有序、FIN、RST、重传、切断后的沉默），延迟，单向或双向切断，丢包。
model-is-disk = 主机与磁盘：哪些已写入、哪些已同步，崩溃与断电各留下什么，慢盘与满盘，更换磁盘，冻结的进程。
model-not = 没有模拟什么
model-params = 参数
model-params-obeyed = 已采用 { $count } 个参数
model-params-later = { $count } 个参数可以填写，将随尚未完成的部分生效
model-params-inert = { $count } 个参数对所模拟的内容没有影响
model-rabbitmq = RabbitMQ（尚未提供）
model-rabbitmq-intro = 目前还不能运行 RabbitMQ。缺少的部分：

## scopes of parameters

scope-producer = 生产者
scope-consumer = 消费者
scope-share-consumer = 共享消费者
scope-topic = 主题
scope-broker = 节点
scope-controller = 控制器
scope-group-coordinator = 消费组协调者
scope-share-group = 共享组
scope-transaction-coordinator = 事务协调者
scope-cluster-feature = 集群特性

## parts that parameters come with

part-client-details = 客户端细节
part-consumer-protocol = KIP-848 消费者协议
part-controller-quorum = 控制器仲裁组
part-corruption = 损坏的记录
part-disks = 一个节点多块磁盘
part-fetcher-threads = 多个拉取线程
part-follower-fetching = 从跟随者读取
part-older-versions = 4.0 以前的版本
part-placement = 按机架放置
part-rebalances = 再均衡
part-share-groups = 共享组
part-topic-creation = 自动创建主题
part-transactions = 事务

## left out

left-out-kafka-transactions = 事务
left-out-kafka-transactions-why = 事务性生产者与 read_committed 尚未完成。
left-out-kafka-share-groups = 共享组
left-out-kafka-share-groups-why = KafkaShareConsumer 尚未完成。
left-out-kafka-group-protocol-consumer = group.protocol=consumer 协议
left-out-kafka-group-protocol-consumer-why = 消费组使用经典协议；KIP-848 的协议尚未完成。
left-out-kafka-rebalance = 再均衡
left-out-kafka-rebalance-why = 一个组只有一个存活成员；存活成员之间的再均衡尚未完成。
left-out-kafka-controller-failure = 控制器故障
left-out-kafka-controller-failure-why = 只有一个控制器；能接替它的仲裁组尚未完成。
left-out-kafka-administration = 管理操作
left-out-kafka-administration-why = 手动选举、重新分配副本、增加分区与删除尚未完成。
left-out-rabbitmq-publisher = 发布者
left-out-rabbitmq-publisher-why = 事务、发布确认与退回尚未完成。
left-out-rabbitmq-exchanges = 交换机
left-out-rabbitmq-exchanges-why = 路由与绑定尚未完成。
left-out-rabbitmq-classic-queues = 经典队列
left-out-rabbitmq-classic-queues-why = 磁盘与内存中的存储尚未完成。
left-out-rabbitmq-quorum-queues = 仲裁队列
left-out-rabbitmq-quorum-queues-why = 作为 Raft 成员的队列尚未完成。
left-out-rabbitmq-streams = 流
left-out-rabbitmq-streams-why = 供多个消费者读取的日志尚未完成。
left-out-rabbitmq-mirrored-queues = 镜像队列
left-out-rabbitmq-mirrored-queues-why = 4.0 以前版本的镜像尚未完成。
left-out-rabbitmq-consumers = 消费者
left-out-rabbitmq-consumers-why = 确认、预取与重新投递尚未完成。
left-out-rabbitmq-cluster = 集群
left-out-rabbitmq-cluster-why = 元数据存储与网络分区的处理尚未完成。
