# 场景的标题与说明。键：scenario-<id>-title、scenario-<id>-story。

scenario-kafka-s01-acks-0-leader-crash-title = acks=0：发出不等于写入
scenario-kafka-s01-acks-0-leader-crash-story = 生产者不等待任何应答，因此每次 send() 都立刻成功，偏移量为 -1。leader 还没从套接字读到这些记录就崩溃了。十次发送都成功，十条记录却哪里都没有，也永远不会有异常告诉你。

scenario-kafka-s01-acks-0-too-large-title = acks=0：没人听见的拒绝
scenario-kafka-s01-acks-0-too-large-story = broker 拒绝大于 max.message.bytes 的记录。acks=0 时它无法告知：只是关闭连接，而客户端把每次发送都算作成功。

scenario-kafka-s02-acks-1-fast-restart-title = acks=1：快速重启也救不了
scenario-kafka-s02-acks-1-fast-restart-story = leader 崩溃两秒后就回来了，磁盘上还有 m6。但在旧会话结束之前 controller 拒绝它注册，而会话结束时另一台 broker 已成为 leader。m6 照样被截掉。

scenario-kafka-s02-acks-1-leader-crash-title = acks=1：已确认，随后丢失
scenario-kafka-s02-acks-1-leader-crash-story = leader 写入 m6 并告诉生产者，在任何 follower 拉取它之前崩溃。约九秒后另一台 broker 成为 leader，它没有 m6。旧 leader 回来后把 m6 从日志中截掉。生产者不会得到任何通知，m7 占用了 m6 的偏移量。

scenario-kafka-s03-acks-all-leader-crash-title = acks=all：leader 崩溃，什么都没丢
scenario-kafka-s03-acks-all-leader-crash-story = leader 刚确认 m6 就崩溃。由于 acks=all 且 min.insync.replicas=2，两个 follower 都已有 m6，新 leader 也就有它。读写暂停约九秒；没有丢失，也没有重复。

scenario-kafka-s03-happy-path-title = acks=all：每条消息都送达
scenario-kafka-s03-happy-path-story = 三个副本，acks=all。每条记录先由 leader 追加，再被两个 follower 拉取，leader 得知后才确认。高水位晚一次拉取才传到 follower。消费者按顺序把十条消息各处理一次。

scenario-kafka-s05-isr-shrunk-leader-crash-title = 最后一个同步副本崩溃
scenario-kafka-s05-isr-shrunk-leader-crash-story = 两个 follower 都已停机，而 min.insync.replicas=1 让 leader 独自继续。它崩溃后谁都不能当 leader：回来的 follower 缺少已确认的记录。分区一直不可用，直到旧 leader 带着全部记录回来。

scenario-kafka-s06-isr-shrunk-power-loss-title = 最后一个同步副本断电
scenario-kafka-s06-isr-shrunk-power-loss-story = 与前例相同，但 leader 不是被杀死而是断电，操作系统尚未写盘的内容一并消失。它作为最后已知的 leader 再次当选，日志却变短了。即使没有 unclean 选举，已确认的记录也丢失了。

scenario-kafka-s06-power-loss-under-a-consumer-title = 日志在消费者脚下缩短
scenario-kafka-s06-power-loss-under-a-consumer-story = 消费者已读完十条记录，这时 leader 断电并丢了其中四条。消费者凭 leader epoch 发现日志在它的位置之前就结束了，于是退回，并读取占用旧偏移量的新记录。它处理过的那些，别人再也看不到。

scenario-kafka-s07-unclean-election-title = unclean 选举：可用了，也变空了
scenario-kafka-s07-unclean-election-story = unclean.leader.election.enable=true 让第一个存活的副本当 leader，不管它的日志里有什么。分区立刻恢复可用，但只有旧 leader 拥有的记录丢失了；其中一些已被消费者读过。

scenario-kafka-s10-all-power-loss-title = 三台同时断电
scenario-kafka-s10-all-power-loss-story = acks=all 加 min.insync.replicas=2 保证的是内存里的副本，而不是磁盘上的。三台 broker 在同步写盘之前同时断电，各自保留了不同长度的前缀。由最后的 leader 决定留下什么：其他副本把多出来的截掉。

scenario-kafka-s11-all-power-loss-flushed-title = 三台同时断电，flush.messages=1
scenario-kafka-s11-all-power-loss-flushed-story = 同样的停电，但每个副本在计入之前都先把记录同步到磁盘。每条已确认的记录都已在所有被计入的副本的磁盘上。什么都没丢；代价是每次发送都要等磁盘。

scenario-kafka-s12-leader-power-loss-title = 三个副本：leader 断电
scenario-kafka-s12-leader-power-loss-story = leader 断电，丢了尚未同步的内容。follower 拥有全部已确认的记录，其中一个成为 leader，旧 leader 再把丢失的部分拉取回来。这就是 Kafka 可以不做 fsync 的原因。

scenario-kafka-s14-min-isr-not-met-title = 被拒绝，而不是丢失
scenario-kafka-s14-min-isr-not-met-story = min.insync.replicas=2 而两台 broker 停机：leader 用 NOT_ENOUGH_REPLICAS 拒绝每次尝试，什么也不追加。两分钟后发送失败，应用知道这一点。此前确认的记录都还在。

scenario-kafka-s15-retry-idempotent-title = 被识别的重试
scenario-kafka-s15-retry-idempotent-story = follower 停机时 m6 已被追加，但一直没有确认。客户端重试了一分钟。follower 回来后，leader 认出重试就是它已有的那一批：予以确认，日志中只有一份。

scenario-kafka-s15-retry-not-idempotent-title = 再次写入的重试
scenario-kafka-s15-retry-not-idempotent-story = 同样重试了一分钟，但关闭了幂等：leader 无从得知它已有 m6，于是再次追加。消费者处理了两次。

scenario-kafka-s17-one-replica-crash-title = 单副本：进程被杀
scenario-kafka-s17-one-replica-crash-story = replication.factor=1 时无人接管：直到 broker 回来之前分区都不可用。写入文件的内容仍在，所以什么都没丢。

scenario-kafka-s17-one-replica-disk-loss-title = 单副本：磁盘被更换
scenario-kafka-s17-one-replica-disk-loss-story = 唯一的副本在一块已不存在的磁盘上。broker 带着空日志回来并再次成为 leader：十条已确认的记录全部丢失。

scenario-kafka-s17-one-replica-power-loss-title = 单副本：主机断电
scenario-kafka-s17-one-replica-power-loss-story = acks=all 等待所有同步副本，而这里只有一个；min.insync.replicas=2 按 1 计。主机断电，六条已确认、只在内存中的记录丢失了。

scenario-kafka-s26-lost-answer-title = 应答丢失，记录加倍
scenario-kafka-s26-lost-answer-story = leader 追加了 m3 并作出应答，应答途中连接断开。客户端无从知道 m3 是否已写入，只能再发一次；没有幂等，日志里就有两份。

scenario-kafka-s27-lost-answer-idempotent-title = 应答丢失，副本被识别
scenario-kafka-s27-lost-answer-idempotent-story = 同样的断线，但开启了幂等。重试带着 leader 认识的批次序列号，于是它返回第一次的偏移量，不再追加。

scenario-kafka-s28-reorder-title = 两个在途请求交换了顺序
scenario-kafka-s28-reorder-story = m2 恰好被拒绝，紧随其后的 m3 被接受，m2 的重试排到了 m3 之后。没有任何人得到通知。开启幂等，或只允许一个在途请求，才能保持顺序。

scenario-kafka-s32-retries-0-title = retries=0：普通故障切换就会丢
scenario-kafka-s32-retries-0-story = 设置 retries=0 还会关闭幂等。leader 崩溃时有三个请求未读，它们立刻以 NETWORK_EXCEPTION 失败；不看结果的应用就丢了三条消息。

scenario-kafka-s32-retries-0-resend-title = retries=0：应用自己重发
scenario-kafka-s32-retries-0-resend-story = leader 追加 m6 之后、应答之前崩溃。发送失败了，而 m6 其实在下一任 leader 上。应用再发一次，那是一条新记录：消费者处理了两次 m6。

scenario-kafka-s33-delivery-timeout-title = 失败了，却依然存在
scenario-kafka-s33-delivery-timeout-story = retries 没有上限，但 delivery.timeout.ms 有。follower 停机时 m6 已被追加，始终没有确认，两分钟后失败。follower 回来后，这条“失败”的记录变得可读。

scenario-kafka-s33-delivery-timeout-resend-title = 失败、重发、存了两次
scenario-kafka-s33-delivery-timeout-resend-story = delivery.timeout.ms 之后应用再次发送 m6。对 broker 来说这是带新序列号的新记录，幂等帮不上忙：日志里有两份 m6。

scenario-kafka-s40-auto-commit-hand-off-title = 自动提交丢掉交给线程的消息
scenario-kafka-s40-auto-commit-hand-off-story = 循环把记录交给另一个线程，然后再次 poll()。这次 poll() 提交了全部十条，而真正处理完的只有几条。进程崩溃，继任者从十条之后开始。其余的永远不会被处理。

scenario-kafka-s41-auto-commit-synchronous-title = 普通循环里的自动提交不会丢
scenario-kafka-s41-auto-commit-synchronous-story = 这里每条记录都在下一次 poll() 提交之前处理完。进程在批次中途崩溃；会话超时后继任者从旧的提交位置开始。六条记录被处理两次，一条也没丢。

scenario-kafka-s42-exception-close-title = 抛出异常，close() 提交了剩下的
scenario-kafka-s42-exception-close-story = 处理第四条记录时抛出异常，应用按照良好习惯关闭消费者。开启自动提交时，close() 会提交 poll() 交出的全部位置。七条记录永远不会被处理。

scenario-kafka-s44-crash-before-commit-title = 处理了却没提交：再处理一遍
scenario-kafka-s44-crash-before-commit-story = 进程在处理之后、commitSync() 之前崩溃。没有人知道四条记录已经生效，于是它们生效了两次。

scenario-kafka-s44-idempotent-sink-title = 有记忆的下游：只生效一次
scenario-kafka-s44-idempotent-sink-story = 同样的崩溃，但下游记住了见过的消息 id。四条记录被再次处理，下游忽略它们：每条恰好生效一次。

scenario-kafka-s44-manual-commit-title = 处理后再提交，什么都不丢
scenario-kafka-s44-manual-commit-story = enable.auto.commit=false，批次处理完才 commitSync()。进程崩溃，会话超时后继任者从最后一次提交的位置开始。十条都得到处理。
