# 页面上的文字：可以做的事、面板、分支、通知。

## what can be done, with a hint each

do-crash = 崩溃
do-crash-hint = 杀死进程（SIGKILL）。已写入文件的内容仍在。
do-send = 发送 1 条
do-send-hint = 应用再为一条消息调用 send()。
do-send-ten = 发送 10 条
do-send-ten-hint = 应用再为十条消息调用 send()。
do-pause = 暂停程序
do-pause-hint = 应用不再主动调用；客户端库继续工作。
do-run = 恢复程序
do-run-hint = 应用继续调用。
do-freeze = 冻结
do-freeze-hint = 让进程停在原处（SIGSTOP，长时间的垃圾回收）。连接还在，什么都不读。
do-thaw = 解冻
do-thaw-hint = 让进程继续。期间到达的内容现在读取，过期的定时器触发。
do-stop = 正常停止
do-stop-hint = 请求进程结束（SIGTERM）：broker 受控关闭，客户端 close()。
do-start = 启动
do-start-hint = 在它留下的磁盘上重新启动进程。
do-power-off = 断电
do-power-off-hint = 主机断电：未同步的内容全部丢失，没有人得到通知。
do-power-off-drawn = 断电，部分保留
do-power-off-drawn-hint = 主机断电：未同步的内容随机保留一部分。
do-wipe = 更换磁盘
do-wipe-hint = broker 将在空盘上启动。
do-isolate = 隔离
do-isolate-hint = 切断此节点与其他所有节点之间的网络，双向。
do-isolate-servers = 与服务器隔离
do-isolate-servers-hint = 切断与其他 broker 和控制器的网络；客户端仍能连到它。
do-slow-disk = 磁盘变慢
do-slow-disk-hint = 每次同步多用 50 毫秒。
do-fast-disk = 磁盘恢复正常速度
do-fast-disk-hint = 同步恢复正常用时。
do-fill-disk = 填满磁盘
do-fill-disk-hint = 没有空间：追加失败。
do-empty-disk = 腾出磁盘
do-empty-disk-hint = 又有空间了。
do-heal = 恢复所有切断
do-heal-hint = 所有被切断的网络恢复；等待的内容重新发送。
do-cut = 双向切断
do-cut-hint = 两个方向的数据包都消失。
do-cut-one-way = 切断 { $from } → { $to }
do-cut-one-way-hint = 只有这个方向的数据包消失。
do-mend = 恢复
do-mend-hint = 数据包又能通过；等待的内容在下一次超时后重发。
do-slow = 减慢 { $from } → { $to }
do-slow-hint = 这个方向的每个数据包多用 50 毫秒。
do-fast = { $from } → { $to } 恢复正常速度
do-fast-hint = 这个方向的数据包恢复正常用时。
do-lose = 丢包 { $from } → { $to }
do-lose-hint = 这个方向每五个数据包丢失一个并重发。
do-lose-no-more = 不再丢包 { $from } → { $to }
do-lose-no-more-hint = 这个方向的数据包不再丢失。
do-hold = 扣住
do-hold-hint = 扣住这个数据包以及同一连接上它后面的内容。
do-release = 放行
do-release-hint = 让数据包继续前进。
do-deliver = 立即送达
do-deliver-hint = 它和同一连接上它前面的内容立即到达。
do-drop = 在此断开
do-drop-hint = 连接在这个数据包处断开：它丢失，双方都会得知断开。

## messages

message-at = 位移 { $offset } · { $told }
message-acked = 已确认
message-fired = 已发送，acks=0
message-failed = 失败
message-forgotten = 生产者已不在
message-no-answer = 没有应答
why-title = { $message }：{ $fate }

## nodes

node-metadata-offset = 元数据位移
node-broker = 节点
node-broker-active = { $broker }：活动，epoch { $epoch }
node-broker-fenced = { $broker }：已隔离，epoch { $epoch }
node-broker-shutting-down = { $broker }：正在关闭，epoch { $epoch }
node-partition = 分区
node-partition-state = { $partition }：leader { $leader }，epoch { $epoch }，ISR { $isr }，ELR { $elr }
node-serves = 正在服务
node-yes = 是
node-no = 否
node-broker-epoch = 节点 epoch
node-parked-produces = 等待中的写入请求
node-offered = 应用交出的消息
node-acked = 已确认
node-failed = 失败
node-processed = 消费组已处理
node-incarnation = 此前启动次数
node-producer-id = 生产者 id
node-producer-identity = { $id }，epoch { $epoch }
node-buffer = 已用 buffer.memory
node-in-flight = 在途请求
node-in-flight-to = 到 { $node } 有 { $count } 个
node-batch = 批次
node-batch-state = { $partition }：{ $records } 条记录，{ $bytes } 字节，失败 { $attempts } 次
node-call = 应用正在调用
node-owns = 读取
node-owns-state = { $partition }：位置 { $position }，已提交 { $committed }，已处理到 { $processed }
node-member = 消费组成员
node-member-state = 第 { $generation } 代，协调者 { $coordinator }
node-waiting = 已交出而未处理的记录

## programs of clients

program-to = 发往
program-to-any = 任意分区
program-begin = 启动后等待
program-interval = 两批之间的时间
program-burst = 每批消息数
program-size = 消息大小
program-keys = 不同的键（0：无）
program-stop-after = 消息总数（0：只按命令发送）
program-on-failure = send() 失败时
program-on-failure-look = 记下，继续
program-on-failure-ignore = 从不查看
program-on-failure-resend = 再发一次
program-resend-times = 最多重发
program-end = 如何结束
program-end-stay = 保持打开
program-end-close = 调用 close()
program-end-exit = 不调用 close() 就退出
program-polls = 运行 poll 循环
program-processing = 每条记录的处理时间
program-commit = 何时提交
program-commit-none = 自己不调用提交
program-commit-sync-after = 处理之后，commitSync()
program-commit-sync-before = 处理之前，commitSync()
program-commit-async-after = 处理之后，commitAsync()
program-hands-off = 由单独的线程处理
program-fails-at = 处理到第几条时抛异常（0：从不）
program-after-failure = 异常之后
program-after-failure-close = 调用 close()
program-after-failure-exit = 进程结束
program-after-failure-skip = 跳过这条记录
program-idempotent-sink = 接收端忽略见过的消息
program-commit-on-revoke = 分区被收回时提交

## settings

settings-producer-of = 生产者 { $name }
settings-consumer-of = 消费者 { $name }
settings-topic-of = 主题 { $name }
settings-broker = 所有 broker
settings-controller = 控制器
settings-group-coordinator = 消费组协调者
settings-cluster-feature = 集群特性
settings-network = 网络
settings-disk = 磁盘
settings-process = 进程
applies-client-start = 客户端下次启动时生效
applies-broker-restart = broker 下次启动时生效
applies-declare-immutable = 只对重新创建的主题生效
applies-dynamic-metadata = 通过元数据日志立即生效
applies-per-call = 下一次调用时生效
applies-run-start = 从运行开始时生效
param-network-hop-min-us = 数据包在主机之间的最短用时，单位微秒。
param-network-hop-max-us = 数据包在主机之间的最长用时，单位微秒。
param-disk-sync-min-us = 一次同步的最短用时，单位微秒。
param-disk-sync-max-us = 一次同步的最长用时，单位微秒。
param-disk-write-back-min-us = 操作系统写回脏页之前的最短时间，单位微秒。
param-disk-write-back-max-us = 操作系统写回脏页之前的最长时间，单位微秒。
param-process-client-start-us = 从创建客户端到它的第一个请求，单位微秒。
param-process-broker-start-us = 从 broker 启动到它第一次登记，单位微秒。
param-process-broker-stop-us = 从受控关闭完成到进程结束，单位微秒。
param-process-send-us = 一次不阻塞的 send()，单位微秒。

## branches and notices

branch-first = 最初的样子
branch-crash = { $node } 崩溃
branch-stop = { $node } 停止
branch-start = { $node } 启动
branch-freeze = { $node } 冻结
branch-power-off = { $node } 断电
branch-isolate = { $node } 被隔离
branch-produce = { $node } 多发消息
branch-act = 另一个动作
branch-set = 设 { $setting }={ $value }
branch-unset = { $setting } 用默认值
branch-program = { $node } 换了程序
branch-added = 多一个节点
branch-removed = 没有 { $node }
branch-cure = 改用 { $settings }
branch-seed = 种子 { $seed }
notice-digest = 这个链接是用另一个版本或另一段过程记录的：现在运行的结果不同。
notice-no-scenario = 没有名为 { $scenario } 的场景。
