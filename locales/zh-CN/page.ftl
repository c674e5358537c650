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
page-scenario-course = 课程
page-scenario-more = 更多场景
page-lost-after-ack = 确认后丢失
page-lost-before-ack = 确认前丢失
page-stranded = 搁浅
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
page-tokens = 在途显示
page-tokens-records = 消息及其应答
page-tokens-replication = 跟随者的拉取
page-tokens-reading = 消费者的拉取与提交
page-tokens-control = 元数据、选举、消费组
page-tokens-connections = 连接的建立与关闭
page-tokens-background = 周期性通信

## panels

page-tab-messages = 消息
page-tab-why = 为什么？
page-tab-node = 节点
page-tab-events = 事件
page-tab-timeline = 时空图
page-tab-settings = 设置
page-messages-none = 还没有消息产生。
page-assumes = “有风险”指：若此刻
page-assumes-leader-crash = leader 崩溃则丢失
page-assumes-leader-power-loss = leader 断电则丢失
page-assumes-all-power-loss = 所有节点断电则丢失
page-of-messages = { $count } 条消息：
page-why-hint = 选择一条消息，即可了解它的结局及原因。
page-why-settings = 导致此结果的设置
page-cures = 怎样的设置本可保住它？
page-cures-hint = 在同样的故障下用 20 个种子重复这次运行，逐项改用更安全的设置，不行再两项一起改。
page-cures-stop = 停止
page-cures-try = 试一试
page-cures-try-hint = 做此改动后从头重复运行；现在这次作为分支保留。
page-cures-why-not = 其他改动为何不管用
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
page-play-again = 重新播放
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
page-branch-forget = 丢弃其他分支
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
page-legend-stranded = 搁浅
page-legend-lost = 已丢失
page-legend-dup = 重复
page-legend-unsynced = 未刷盘
page-legend-hw = 高水位：其下可读
page-legend-leo = 日志末端
page-legend-timer = 正在倒计时的超时
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
page-model = 模拟了什么，没有模拟什么

## benchmark

page-bench = 舞台基准测试：每帧脚本耗时
page-bench-about = 产品所用的 SVG 组池，与画布上的同样标记对比，各运行三秒。
page-bench-columns = 标记数 · 方式 · 中位毫秒 · 95% 毫秒 · 最长毫秒
page-skip = 跳到舞台
