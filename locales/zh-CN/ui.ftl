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

program-interval = 两批之间的时间
program-burst = 每批消息数
program-size = 消息大小
program-keys = 不同的键（0：无）
program-stop-after = 消息总数（0：只按命令发送）
program-on-failure = send() 失败时
program-resend-times = 最多重发
program-end = 如何结束
program-polls = 运行 poll 循环
program-processing = 每条记录的处理时间
program-commit = 何时提交
program-hands-off = 由单独的线程处理
program-fails-at = 处理到第几条时抛异常（0：从不）
program-after-failure = 异常之后
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
branch-seed = 种子 { $seed }
notice-digest = 这个链接是用另一个版本或另一段过程记录的：现在运行的结果不同。
notice-no-scenario = 没有名为 { $scenario } 的场景。

# 页面上的文字。

page-stage = 舞台：节点、日志与在途消息
page-settings = 设置
page-panels = 面板
page-transport = 时间
page-timeline = 时空图与进度条
page-legend = 图例
page-verdict = 结论

## top bar

page-scenario = 场景
page-scenario-own = 自定义运行
page-scenario-changed = 已修改
page-lost-after-ack = 确认后丢失
page-lost-before-ack = 确认前丢失
page-stranded = 滞留
page-at-risk = 有风险
page-duplicated = 重复
page-reordered = 乱序
page-unavailable = 不可用
page-verify = 验证
page-verify-hint = 用同样的种子和操作重新运行一遍，并比较摘要
page-verified-same = 摘要一致
page-verified-different = 摘要不一致
page-share = 分享
page-share-hint = 打开此链接的人会看到同一次运行的同一时刻，精确到微秒。
page-embed = 嵌入
page-embed-hint = 可放进文档页面的实时插图，滚动到可见处才加载。
page-copy = 复制
page-copied = 已复制。
page-copy-failed = 浏览器不允许复制，请选中文字后自行复制。
page-theme = 浅色或深色
page-close = 关闭

## settings

page-search = 查找参数…
page-search-nothing = 没有参数的名称或说明包含此内容。
page-changed = 项已修改
page-differs = 与默认值不同
page-default = 默认值
page-reset = 恢复默认值
page-comes-with = 模型尚未采用，将随此部分提供：
page-settings-all = 也列出尚未采用的参数
page-settings-fewer = 只列出已采用的参数
page-no-number = 请输入整数

## stage

page-more-acts = ：更多操作
page-show-node = 查看状态
page-show-entry = 在事件中查看

## panels

page-tab-messages = 消息
page-tab-why = 为什么？
page-tab-node = 节点
page-tab-events = 事件
page-tab-timeline = 时空图
page-tab-settings = 设置
page-messages-none = 还没有消息产生。
page-of-messages = 条消息：
page-why-hint = 选择一条消息，即可了解它的结局及原因。
page-why-settings = 导致此结果的设置
page-go-there = 跳到这一时刻
page-node-hint = 在此处或舞台上选择一个节点。
page-log = 日志
page-log-epoch = 纪元
page-log-start = 起点
page-log-synced = 已刷盘
page-timers = 定时器
page-program = 应用程序
page-acts = 可执行的操作
page-add = 添加到运行
page-add-producer = 生产者
page-add-consumer = 消费者
page-add-broker = 代理节点
page-remove = 从运行中移除
page-events-search = 在事件中查找…
page-events-background = 周期性事件
page-events-node = 所选节点
page-events-message = 所选消息
page-events-now = 回到当前
page-events-earlier = 更早
page-events-later = 更晚
page-events-none = 没有符合的事件。

## time

page-to-start = 回到开头
page-step-back = 后退一步
page-play = 播放
page-pause = 暂停
page-step = 前进一步
page-to-end = 到结尾
page-pace = 节奏
page-paced = 逐步
page-real = 实时
page-speed = 速度
page-event = 事件
page-seed = 种子
page-seed-wrong = 种子须为整数。
page-branch = 分支
page-folding = 已折叠空闲时间
page-slower = 慢于所选速度
page-budget = 本次运行的事件额度已用完
page-zoom-in = 放大
page-zoom-out = 缩小
page-open-whole = 打开实验室

## legend

page-legend-written = 已写入，未提交
page-legend-committed = 已提交
page-legend-consumed = 已消费
page-legend-risk = 已确认，有风险
page-legend-stranded = 滞留
page-legend-lost = 已丢失
page-legend-dup = 重复
page-legend-unsynced = 未刷盘
page-legend-internal = Kafka 自身的记录

## keys

page-keys = 快捷键
page-keys-all = 全部快捷键
page-keys-play = 播放或暂停
page-keys-step = 后退或前进一步
page-keys-start = 回到开头
page-keys-end = 到结尾
page-keys-speed = 更快或更慢
page-keys-reach = 到达并按下每个按钮、节点、链路和在途消息
page-keys-menu = 打开焦点所在处的菜单
page-keys-close = 关闭已打开的内容
page-keys-help = 本列表
page-model-note = 所有移动的东西都是模拟集群的事件，没有任何装饰性动画。
