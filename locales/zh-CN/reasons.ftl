# 消息的下场及原因：下场名称、经过中的句子、使其成为可能的设置、补救办法。
# $message 是消息，$node 是进程，$nodes 是多个进程，$place 是分区或队列，
# $reader 是消费组或消费者，$setting 和 $value 是产品自己的写法。

## 下场

fate-in-flight = 在途
fate-in-flight-help = 已发出或正在发出：尚无结果，也没有可读的副本。
fate-delivered = 已送达
fate-delivered-help = 应用处理了一次。
fate-delivered-n-times = 重复送达
fate-delivered-n-times-help = 被同一个应用处理了不止一次。
fate-dead-lettered = 进入死信
fate-dead-lettered-help = 按规则移到死信目的地，那里的副本另有下场。
fate-stored-unconfirmed = 已存未确认
fate-stored-unconfirmed-help = 有副本可读或将可读，但生产者尚未得到通知。
fate-confirmed = 已确认
fate-confirmed-help = 生产者已被告知消息安全。
fate-at-risk = 有风险
fate-at-risk-help = 生产者已被告知消息安全，但所假设的故障此刻发生就会丢失它。
fate-returned = 已退回
fate-returned-help = 因无法路由而退还给生产者。
fate-refused = 被拒绝
fate-refused-help = 得到的应答是错误，没有留下副本。
fate-expired-at-producer = 生产者放弃
fate-expired-at-producer-help = 客户端放弃了，或在发出之前就已结束；没有副本。
fate-rolled-back = 已回滚
fate-rolled-back-help = 所属事务被中止。
fate-dropped-by-rule = 按规则丢弃
fate-dropped-by-rule-help = 因某项设置而被删除或未被接收。
fate-skipped-by-consumer = 被消费者跳过
fate-skipped-by-consumer-help = 消费者记录自己已越过这条消息，却没有谁处理过它。
fate-phantom = 幽灵消息
fate-phantom-help = 报告为失败，却仍可读取或已被处理。
fate-vanished-after-delivery = 送达后消失
fate-vanished-after-delivery-help = 曾被处理，后来从日志中消失；其他读者再也看不到。
fate-stranded = 搁浅
fate-stranded-help = 最后的副本所在之处现在无人能读。
fate-lost-before-ack = 确认前丢失
fate-lost-before-ack-help = 没有副本留下，也没有谁处理过；生产者未曾被告知消息安全。
fate-lost-after-ack = 确认后丢失
fate-lost-after-ack-help = 没有副本留下，也没有谁处理过，而生产者曾被告知消息安全。

## “有风险”所假设的故障

assumed-leader-crash = 担任 leader 的进程被杀死
assumed-leader-power-loss = 担任 leader 的主机断电
assumed-all-power-loss = 所有主机同时断电

## 经过：生产者

story-offered = { $node } 把 { $message } 交给客户端库。
story-fired = { $node } 把 { $message } 算作已发送，不等待任何应答。
story-confirmed = { $node } 被告知 { $message } 已安全。
story-refused = { $node } 被告知 { $message } 遭到拒绝。
story-failed = { $node } 被告知 { $message } 发送失败。
story-forgotten = { $node } 在得知 { $message } 的结果之前就结束了。

## 经过：副本及其缺失

story-stored = { $node } 把 { $message } 写入 { $place }，位移 { $offset }。
story-all-had-it = 那一刻 { $place } 的每个副本都已有位移 { $offset } 处的 { $message }。
story-absent-at-ack = { $count ->
   *[other] 那一刻 { $nodes } 还没有 { $message } 的副本：尚未拉取 { $place } 的位移 { $offset }。
}
story-no-copy-at-ack = 那一刻 { $message } 没有任何副本。
story-only-copy = { $message } 唯一的副本在 { $node } 上。
story-cut-off = { $node } 截断了 { $place } 的日志，丢掉位移 { $offset } 处的 { $message }。
story-removed-by-rule = { $node } 依照设置删除了 { $place } 中位移 { $offset } 处的 { $message }。
story-gone-with-power = { $node } 尚未把 { $place } 的位移 { $offset } 同步到磁盘；{ $message } 随断电消失。
story-gone-with-disk = { $node } 的磁盘被更换；{ $place } 中位移 { $offset } 处的 { $message } 随之消失。
story-gone-with-memory = { $node } 只在内存中保存 { $place } 位移 { $offset } 处的 { $message }，而它结束了。
story-last-copy-gone = 那是 { $message } 的最后一个副本。

## 经过：读者

story-processed = { $count ->
    [1] { $reader } 处理了 { $message }。
   *[other] { $reader } 处理了 { $message }，共 { $count } 次。
}
story-passed = { $reader } 记录自己已越过 { $message }。
story-passed-unprocessed = { $reader } 记录自己已越过 { $message }，但并未处理它。

## 经过：周围发生的事

story-crashed = { $node } 被杀死。
story-stopped = { $node } 停止了。
story-power-lost = { $node } 断电了。
story-started = { $node } 启动了。
story-frozen = { $node } 被冻结。
story-thawed = { $node } 停顿之后继续运行。
story-cut = { $node } 周围的网络被切断。
story-healed = 网络恢复了。
story-fenced = 控制器在整个会话期内没有收到 { $node } 的消息，将其隔离。
story-elected = { $node } 成为 { $place } 的 leader，epoch 为 { $epoch }。
story-elected-unclean = { $node } 虽不同步，仍成为 { $place } 的 leader，epoch 为 { $epoch }。
story-elected-last-known = { $node } 作为最后已知的 leader 再次领导 { $place }，epoch 为 { $epoch }：日志里剩下什么就是什么。
story-no-leader = 已没有谁可以领导 { $place }。
story-isr = { $place } 的同步副本现在是 { $nodes }。

## 使其成为可能的设置

reason-acks-none = { $setting }={ $value }：生产者不等待应答，因此永远不会得知丢失。
reason-acks-one = { $setting }={ $value }：消息是否安全由 leader 单独决定，follower 之后才拉取。
reason-unclean = { $setting }={ $value }：不同步的副本也可成为 leader，它所缺的就丢失了。
reason-min-isr-one = { $setting }={ $value }：其他副本不同步时，仅一个副本就满足 acks=all。
reason-one-replica = { $setting }={ $value }：没有第二个副本。
reason-not-synced = { $setting }={ $value }：消息会在页缓存中停留一段时间，断电时随之消失。
reason-last-known-leader = 所有副本都曾非正常结束；此时由最后已知的 leader 再次领导，日志里剩下什么就是什么。
reason-auto-commit = { $setting }={ $value }：{ $node } 的 poll() 和 close() 会提交所有已交出的消息，无论是否处理过。
reason-commit-before = { $node } 先提交，后处理。
reason-hand-off = { $node } 把消息交给另一个线程，因此位置走在处理前面。
reason-close-after-failure = { $node } 在异常之后关闭消费者，尚有消息未处理。
reason-exit-after-failure = { $node } 遇到异常就结束，尚有消息未处理。
reason-skip-after-failure = { $node } 跳过处理失败的消息，继续往下。
reason-no-idempotence = { $setting }={ $value }：broker 无法分辨重复的批次和新的批次。
reason-resent = 应用在一次其实并未失败的“失败”之后重发；对 broker 来说那是一条新消息。
reason-read-again = 它被再次读取，因为提交来得太晚，或根本没有提交。
reason-no-flush = { $node } 没有调用 flush() 或 close() 就结束了；客户端库里剩下的随之消失。
reason-max-block = { $setting }={ $value }：send() 为等待空间最多阻塞这么久，然后失败。
reason-no-retries = { $setting }={ $value }：第一个错误就是最终结果。
reason-delivery-timeout = { $setting }={ $value }：客户端尝试这么久，然后放弃，不管 broker 上有没有副本。
reason-min-isr-refuses = { $setting }={ $value }：同步副本更少时 leader 会拒绝。这样不会丢失任何消息。
reason-too-large = { $setting }={ $value }：更大的会被拒绝。
reason-timestamp = { $setting }={ $value }：时间戳超前更多的会被拒绝。
reason-retention = { $setting }={ $value }：更旧的消息会被删除，无论是否读过。
reason-compaction = { $setting }={ $value }：同一个键的多条消息只保留最新一条。

## 补救办法

cure-reading = 正在回看这次运行里发生了什么。
cure-trying = 在同样的故障下试更安全的设置：{ $done } / { $of }。
cure-trying-pairs = 单改一项都不够，正在试同时改两项：{ $done } / { $of }。
cure-stopped = 已停止，试过 { $done } / { $of }。
cure-found = 换用其他种子，同样的故障在 { $seeds } 次运行中有 { $harmed } 次造成同样的损害。做下列任一改动后一次也没有；代价最小的在前。
cure-none = 没有找到：在同样的故障下（{ $seeds } 次运行中有 { $harmed } 次造成损害），改动一项设置或同时改动两项都不管用。
cure-nothing-to-cure = 这次运行结束时已没有这样的损害。
cure-price-latency = 一半的确认在 { $half } 内（现在 { $nowhalf }），99% 在 { $most } 内（现在 { $nowmost }）。
cure-price-unavailable = 不可用 { $time }（现在 { $now }）。
cure-price-throughput = 每秒确认 { $count } 条（现在 { $now }）。
cure-price-duplicated = 每次运行有 { $count } 条被处理两次（现在 { $now }）。
cure-price-failed = 每次运行有 { $count } 条失败（现在 { $now }）。
cure-not-refused = Kafka 不接受这些设置与其他设置的组合。
cure-not-other-messages = 这样改动之后交出的消息不同，无法比较。
cure-not-other-fault = 这样改动之后，故障没有落在同样的角色和同样的阶段上。
cure-not-still-harmed = 损害照样发生。
cure-not-fewer-confirmed = 得到确认的消息变少了：被拒绝的不算被保住。
cure-not-fewer-delivered = 被处理的消息变少了：没人读到的不算被保住。
cure-not-loses = 换成别的消息丢失了。
