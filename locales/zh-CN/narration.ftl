# 一次运行中发生的事情，用句子写出：事件日志、舞台底部的一行、读屏软件。
# 节点、消息和分区的名字是参数。Kafka 自己的用词保持原样。

## packets and connections

packet-answer = { $name } 应答
packet-error = { $name } 应答 { $error }
narr-sent = { $node } 向 { $to } 发送 { $packet }。
narr-sent-messages = { $more ->
    [0] { $node } 向 { $to } 发送 { $message }（{ $packet }）。
   *[other] { $node } 向 { $to } 发送 { $message } 以及另外 { $more } 条（{ $packet }）。
}
narr-read = { $node } 读到来自 { $from } 的 { $packet }。
narr-read-messages = { $more ->
    [0] { $node } 收到来自 { $from } 的 { $message }（{ $packet }）。
   *[other] { $node } 收到来自 { $from } 的 { $message } 以及另外 { $more } 条（{ $packet }）。
}
narr-vanished = { $from } 发给 { $node } 的 { $packet } 消失了：不会再有人读到它。
narr-vanished-messages = { $more ->
    [0] { $from } 发给 { $node } 的 { $packet } 连同 { $message } 消失了：不会再有人读到它。
   *[other] { $from } 发给 { $node } 的 { $packet } 连同 { $message } 以及另外 { $more } 条消失了：不会再有人读到它。
}
narr-opened = { $node } 建立了连接。
narr-refused = { $node } 的连接被拒绝：对方没有进程在监听。
narr-closed-fin = { $node } 的一个连接被对方关闭。
narr-closed-rst = { $node } 的一个连接被重置。
narr-closed-gave-up = { $node } 放弃一个连接：太久没有回应。
narr-fired = { $node }：{ $timer }。
narr-synced = { $node } 已把 { $file } 同步到磁盘。
narr-written = { $node } 得知其发送队列又有空间了。
narr-written-back = { $node } 的操作系统把 { $file } 写回磁盘。
narr-ordered = { $node }：应用调用 { $call }。
narr-exited = { $node } 已结束。
narr-crashed = { $node } 崩溃。已写入文件的内容仍在。
narr-powered-off = { $node } 断电。只在页缓存里的内容可能丢失。
narr-up = { $node } 启动。

## producers

fact-offered = { $node }：应用为 { $message } 调用 send()。
fact-fired = { $node } 不等应答就认为 { $messages } 已发送（acks=0）。
fact-acked = { $node } 得知 { $messages } 已写入（{ $partition }，位移 { $offset }）。
fact-send-failed = { $node }：{ $messages } 的 send() 失败：{ $error }。
fact-retrying = 出现 { $error } 后，{ $node } 将再次发送 { $messages }（第 { $attempt } 次）。
fact-epoch-bumped = { $node } 把生产者 epoch 提高到 { $epoch }，并重新从 0 编号。
fact-forgotten = { $node } 结束时，{ $messages } 既未确认也未失败。

## replicas

fact-appended = { $node } 把 { $messages } 追加到 { $partition } 的位移 { $offset }。
fact-appended-own = { $node } 把自己的一条记录追加到 { $partition } 的位移 { $offset }。
fact-duplicate-dropped = { $node } 的 { $partition } 中已有 { $messages }（位移 { $offset }）：只应答，不追加。
fact-produce-refused = { $node } 拒绝写入 { $partition } 的 { $messages }：{ $error }。
fact-parked = { $node } 等 { $partition } 的同步副本到达位移 { $offset } 后才应答。
fact-truncated = { $node } 把 { $partition } 截断到位移 { $offset }：{ $messages } 从它的日志中消失。
fact-truncated-none = { $node } 把 { $partition } 截断到位移 { $offset }；没有消息因此丢失。
fact-deleted = { $node } 按规则从 { $partition } 删除 { $messages }；日志现在从 { $offset } 开始。
fact-high-watermark = { $node } 上 { $partition } 的高水位：{ $offset }。
fact-leads = { $node } 现在是 { $partition } 的 leader，epoch { $epoch }，日志末端 { $offset }。
fact-follows = { $node } 在 { $partition } 跟随 { $leader }，epoch { $epoch }。
fact-isr-proposed = { $node } 请求把 { $partition } 的 ISR 改为 { $isr }。
fact-recovered = { $node } 重新读完 { $partition } 的日志：末端在 { $offset }。

## controller

fact-registered = { $node } 登记 { $broker }，它不是正常停止的，或者是新的。
fact-registered-clean = { $node } 登记正常停止过的 { $broker }。
fact-registration-refused = { $node } 暂不登记 { $broker }：它的旧会话还有效。
fact-fenced = { $node } 隔离 { $broker }：会话时间内没有心跳。
fact-unfenced = { $node } 解除对 { $broker } 的隔离：它又可以当 leader、加入 ISR。
fact-shutting-down = { $node } 允许 { $broker } 开始受控关闭。
fact-isr-changed = { $node } 把 { $partition } 的 ISR 设为 { $isr }；ELR：{ $elr }。
fact-elected-clean = { $node } 让 { $leader } 成为 { $partition } 的 leader，epoch { $epoch }；ISR { $isr }。
fact-elected-last-known = { $node } 让最后已知的 leader { $leader } 再次成为 { $partition } 的 leader，epoch { $epoch }：它的日志可能不全；ISR { $isr }。
fact-elected-unclean = { $node } 让不同步的 { $leader } 成为 { $partition } 的 leader，epoch { $epoch }：它没有的消息就丢了；ISR { $isr }。
fact-elected-nobody = { $node } 找不到可以担任 { $partition } leader 的节点。
fact-topic-created = { $node } 创建主题 { $topic }。

## consumers and groups

fact-positioned-committed = { $node } 从已提交的位移 { $offset } 开始读 { $partition }。
fact-positioned-reset = { $node } 按 auto.offset.reset 从 { $offset } 开始读 { $partition }。
fact-positioned-sought = { $node } 跳到 { $partition } 的位移 { $offset }。
fact-positioned-truncated = { $node } 退回 { $partition } 的位移 { $offset }：日志被截断到它的位置之前。
fact-handed = poll() 把 { $partition } 的位移 { $from } 到 { $last } 交给 { $node }。
fact-processed = { $node } 处理完 { $partition } 的 { $messages }。
fact-dropped = { $node } 遇到异常，不再处理 { $partition } 的 { $messages }。
fact-effect-suppressed = { $node } 的接收端已经有 { $message }：不产生第二次效果。
fact-committed = 消费组 { $group } 提交了 { $partition } 的位移 { $offset }（{ $node }）。
fact-assigned = { $node } 在第 { $generation } 代拥有 { $partitions }。
fact-call-failed = { $node }：{ $call } 失败：{ $error }。
fact-call-returned = { $node }：{ $call } 返回。
fact-coordinates = { $node } 现在协调 { $partition } 的消费组。
fact-member-joined = 一个成员在 { $node } 加入消费组 { $group }。
fact-member-left = 一个成员在 { $node } 离开消费组 { $group }。
fact-member-expired = { $node } 移除消费组 { $group } 的一个成员：会话时间内没有心跳。
fact-generation = 消费组 { $group } 在 { $node } 进入第 { $generation } 代。
fact-offset-stored = { $node } 为消费组 { $group } 存下 { $partition } 的位移 { $offset }。
fact-log-read = { $node } 读完 { $partition } 从 { $from } 到 { $offset } 的内容。
fact-offsets-read = { $node } 读到消费组 { $group } 已提交的位移。
fact-described = { $node } 询问了 { $partition } 的状态。

## acts

act-crash-done = 有人杀死 { $node }。
act-stop-done = { $node } 被要求停止。
act-start-done = { $node } 被启动。
act-freeze-done = { $node } 冻结：解冻之前什么都不做。
act-thaw-done = { $node } 从冻结处继续。
act-power-off-done = { $node } 的电源被切断；{ $keep }。
keep-synced = 未同步的内容全部丢失
keep-drawn = 未同步的内容保留一部分
keep-records = 未同步的记录保留若干条
keep-all = 写入的内容全部保留
act-wipe-done = { $node } 的磁盘换成空盘。
act-truncate-done = { $node } 的文件 { $file } 被人为截断到 { $count } 条记录。
act-remove-done = { $node } 的文件 { $file } 被人为删除。
act-cut-done = 从 { $from } 到 { $to } 的网络被切断。
act-mend-done = 从 { $from } 到 { $to } 的网络恢复。
act-heal-done = 所有切断都已恢复。
act-slow-done = 从 { $from } 到 { $to } 的数据包多用 { $by }。
act-lose-done = 从 { $from } 到 { $to } 的数据包有 { $percent }% 丢失并重发。
act-slow-disk-done = { $node } 上每次同步多用 { $by }。
act-fill-disk-done = { $node } 的磁盘满了。
act-empty-disk-done = { $node } 的磁盘又有空间了。
act-fire-done = { $node } 的定时器立即到期：{ $timer }。
act-hold-done = 扣住一个数据包（事件 { $entry }）以及它后面的内容。
act-release-done = 放行被扣住的数据包（事件 { $entry }）。
act-drop-done = 连接在一个数据包处断开（事件 { $entry }）。
act-deliver-done = 一个数据包立即到达（事件 { $entry }）。
act-order-done = 让 { $node } 执行：{ $call }。
act-change-done = 一项设置被修改。
act-add-done = 增加 { $node }。
order-send = { $count ->
   *[other] 为 { $count } 条消息调用 send()
}
order-run = 程序继续运行
order-pause = 程序暂停
order-poll-start = 在后台 poll()
order-poll-stop = 不再在后台 poll()
order-read-all = 读完整个日志

## the stage

stage-title-controller = 控制器 { $name }
stage-title-broker = 节点 { $name }
stage-title-producer = 生产者 { $name }
stage-title-consumer = 消费者 { $name }
stage-title-observer = 观察者 { $name }
stage-leader = ★ 领导者
stage-leads = ★ 领导 { $of } 个中的 { $count } 个
stage-follower = 跟随者
stage-is-fenced = 已隔离
stage-fenced = 已隔离：{ $nodes }
stage-frozen = ❄ 冻结 { $at }
stage-down = ✕ 停止 { $at }
stage-off = ⏻ 断电 { $at }
stage-not-started = 未启动
stage-isr = { $partition }：ISR { $isr } · ELR { $elr }
stage-more-partitions = 另有 { $count } 个分区
stage-broker-epoch = epoch { $epoch } · 页缓存 { $unsynced } 条，已同步到 { $synced }
stage-broker-one = 页缓存 { $unsynced } 条，已同步到 { $synced }
stage-broker-all = 页缓存 { $unsynced } 条记录
stage-failed = ✕ { $count } 条失败
stage-waiting = 在途 { $count }
stage-acked = 已确认 { $count }
stage-group = 消费组 { $group }
stage-no-group = 无消费组
stage-owns-nothing = 尚未读取
stage-position = 位置 { $offset }
stage-committed = 已提交 { $offset }
stage-owns = 读取 { $count } 个分区
stage-processed = 已处理 { $count }

## timers

timer-session = 控制器上 { $node } 的会话
timer-session-scan = 查找结束的会话
timer-balance = 首选 leader 均衡
timer-unclean-scan = 查找可做不干净选举的分区
timer-metadata-park = 等待中的元数据拉取结束
timer-register = 登记
timer-heartbeat = 给控制器的心跳
timer-publication = 发布已加载的日志
timer-acceptors = 打开端口
timer-controller-link = 重新连接控制器
timer-lag-check = 查找落后的跟随者
timer-checkpoint = 把高水位写入磁盘
timer-retention = 查找过期的段
timer-clean = 查找需要压缩的日志
timer-fetcher = 再次拉取
timer-fetch-park = 等待中的拉取结束
timer-produce-park = 等待中的写入请求超时
timer-alter-retry = 再次请求修改 ISR
timer-exit = 进程结束
timer-rebalance = 再均衡结束等待
timer-member-session = 消费组成员的会话
timer-commit-park = 等待中的提交超时
timer-coordinator-flush = 协调者写出积攒的批次
timer-offset-expiry = 查找过期的位移
timer-net = 网络客户端例行检查
timer-library = 客户端库例行检查
timer-member-heartbeat = 给协调者的心跳
timer-auto-commit = 自动提交
timer-application = 应用的下一次调用
timer-processing = 一条记录处理完毕
timer-order-deadline = 一次调用到时

## the diagram

band-down = ✕ 停止 { $at }
band-frozen = ❄ 冻结 { $at }
band-leads = 自 { $at } 起为 leader
