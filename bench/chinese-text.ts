// Chinese text for the tokenizer benchmark: seeded sentences over a wide vocabulary, so that whole
// clauses rarely repeat and a cache of pieces cannot win by itself. Mixed with Latin names, numbers
// and full-width punctuation, as technical and news writing is.

const PLACES =
  '北京 上海 广州 深圳 杭州 成都 西安 武汉 南京 苏州 青岛 厦门 昆明 拉萨 哈尔滨 长沙 重庆 天津 敦煌 大理'.split(
    ' ',
  );
const PEOPLE =
  '研究人员 工程师 老师 学生 医生 记者 市民 游客 设计师 程序员 农民 司机 志愿者 作家 翻译 厨师 科学家 企业家 邻居 孩子们'.split(
    ' ',
  );
const TIMES =
  '去年冬天 上个星期 今天早上 几年以前 春节期间 下班以后 凌晨三点 每到周末 不久之前 到了秋天 会议结束时 暴雨过后 黄昏时分 开学那天'.split(
    ' ',
  );
const VERBS =
  '讨论 发现 设计 改进 记录 测量 整理 介绍 比较 翻译 修复 观察 推广 解释 检查 收集 保护 训练 部署 分析 计算 重写 归档 展示 评估'.split(
    ' ',
  );
const ADJECTIVES =
  '复杂的 古老的 新鲜的 可靠的 缓慢的 明亮的 安静的 昂贵的 简单的 常见的 陌生的 透明的 稳定的 传统的 柔软的 分布式的 开源的 不完整的 令人惊讶的 被忽视的'.split(
    ' ',
  );
const NOUNS =
  '语言模型 注意力机制 数据库 城市交通 天气预报 手工艺品 图书馆 实验结果 桥梁结构 水稻品种 历史档案 方言词汇 太阳能电池 地铁线路 博物馆藏品 茶叶市场 河流生态 考试制度 编译器 传感器网络 古代诗歌 菜谱 航班信息 山区学校 海洋温度 合同条款 显微镜图像 操作系统 民间故事 供应链'.split(
    ' ',
  );
const RESULTS =
  '效果比预期好得多 大家都觉得很意外 问题并没有完全解决 成本下降了一半以上 还需要更多的时间来验证 这件事很快传遍了全城 许多细节至今没有答案 结论仍然存在争议 后来的人因此受益匪浅 没有人愿意再回到从前的做法'.split(
    ' ',
  );
const LINKS =
  '因此 不过 与此同时 换句话说 更重要的是 令人遗憾的是 事实上 另一方面 久而久之 总的来说'.split(
    ' ',
  );
const NAMES = 'GPU Node.js DeepSeek HTTP Linux TypeScript iPhone JSON Wi-Fi OpenAI'.split(' ');

/** Numbers in [0, 1) from a linear congruential generator: the text is the same in every run. */
function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Paragraphs of at least `length` characters in all. */
export function chineseText(length: number, seed = 1): string {
  const random = randomSource(seed);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)]!;
  const number = (): string => String(Math.floor(random() * 10 ** (1 + Math.floor(random() * 5))));
  const forms: (() => string)[] = [
    () =>
      `${pick(TIMES)}，${pick(PLACES)}的${pick(PEOPLE)}${pick(VERBS)}了${pick(ADJECTIVES)}${pick(NOUNS)}，${pick(RESULTS)}。`,
    () =>
      `${pick(LINKS)}，${pick(NOUNS)}和${pick(NOUNS)}之间的关系是${pick(ADJECTIVES)}，${pick(PEOPLE)}一边${pick(VERBS)}一边${pick(VERBS)}。`,
    () =>
      `“${pick(VERBS)}${pick(NOUNS)}并不难，”一位来自${pick(PLACES)}的${pick(PEOPLE)}说，“难的是${pick(VERBS)}${pick(ADJECTIVES)}${pick(NOUNS)}。”`,
    () =>
      `据统计，${pick(PLACES)}有${number()}名${pick(PEOPLE)}使用${pick(NAMES)}来${pick(VERBS)}${pick(NOUNS)}（比上一年增加${number()}个）；${pick(RESULTS)}。`,
    () =>
      `如果不${pick(VERBS)}${pick(NOUNS)}，那么${pick(ADJECTIVES)}${pick(NOUNS)}就会影响${pick(PLACES)}到${pick(PLACES)}的${pick(NOUNS)}吗？${pick(RESULTS)}！`,
    () =>
      `${pick(PEOPLE)}为${pick(NOUNS)}${pick(VERBS)}了${number()}种方案：${pick(ADJECTIVES)}、${pick(ADJECTIVES)}和${pick(ADJECTIVES)}，最后选择了${pick(NAMES)} ${number()}。`,
  ];
  let text = '';
  while (text.length < length) {
    const count = 3 + Math.floor(random() * 5);
    for (let i = 0; i < count; i++) text += forms[Math.floor(random() * forms.length)]!();
    text += '\n\n';
  }
  return text;
}
