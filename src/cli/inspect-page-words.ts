// The words of the inspection page in its two languages. The page carries both and shows one, so a
// reader may switch without a request.

export type PageLanguage = 'en' | 'zh';

export interface PageWords {
  tag: string;
  title: string;
  other: string;
  topk: string;
  promptTokens: string;
  generated: string;
  sparse: string;
  whatIf: string;
  nothingSparse: string;
  recall: string;
  recallNote: string;
  best: string;
  bestNote: string;
  window: string;
  windowNote: string;
  overlap: string;
  overlapNote: string;
  neverKept: string;
  neverKeptNote: string;
  map: string;
  rows: string;
  byLayer: string;
  byToken: string;
  layer: string;
  allLayers: string;
  colour: string;
  selection: string;
  kept: string;
  attention: string;
  keptLegend: string;
  gapLegend: string;
  missedLegend: string;
  partial: string;
  prompt: string;
  answer: string;
  position: string;
  token: string;
  notSeen: string;
  keptBy: string;
  attentionHere: string;
  text: string;
  textNote: string;
  cut: string;
  recallByLayer: string;
  recallByToken: string;
  recallByCount: string;
  worstHead: string;
  mean: string;
  positionsKept: string;
  reading: string;
  readingText: string;
}

export const PAGE_WORDS: Readonly<Record<PageLanguage, PageWords>> = {
  en: {
    tag: 'en',
    title: 'What the indexer kept',
    other: '中文',
    topk: 'top-k',
    promptTokens: 'prompt tokens',
    generated: 'generated',
    sparse: 'sparse',
    whatIf:
      'What if: the model computed the reply with its own top-k of {own}; the page shows what the best {k} by its indexer would have been.',
    nothingSparse:
      'Nothing was sparse: no traced token sees more than {k} positions, so each looks at all of them.',
    recall: 'Recall',
    recallNote: 'of dense attention lies on kept positions',
    best: 'Best possible',
    bestNote: 'the most that {k} positions could hold',
    window: 'Sliding window',
    windowNote: 'what the last {k} positions hold',
    overlap: 'Overlap',
    overlapNote: 'of kept positions are among the best {k}',
    neverKept: 'Never kept',
    neverKeptNote: 'of {n} positions, by no layer',
    map: 'Map',
    rows: 'Rows',
    byLayer: 'layers',
    byToken: 'tokens',
    layer: 'Layer',
    allLayers: 'all',
    colour: 'Colour',
    selection: 'selection',
    kept: 'kept',
    attention: 'attention',
    keptLegend: 'kept; stronger: more attention',
    gapLegend: 'seen, not kept',
    missedLegend: 'attended to, not kept',
    partial: 'The map shows the first {n} traced tokens; totals cover all.',
    prompt: 'prompt',
    answer: 'answer',
    position: 'position',
    token: 'token',
    notSeen: 'not seen: it comes later',
    keptBy: 'kept',
    attentionHere: 'dense attention',
    text: 'Text',
    textNote:
      'Click a token of the answer: the text before it takes the colours of what that token kept. Again for all of them.',
    cut: 'The first {n} tokens are shown.',
    recallByLayer: 'Recall by layer',
    recallByToken: 'Recall by token',
    recallByCount: 'Recall if the indexer kept …',
    worstHead: 'down to the worst head',
    mean: 'mean',
    positionsKept: 'positions',
    reading: 'How to read this',
    readingText:
      'For every token the indexer scores all earlier positions and keeps the best; attention looks only at those. Dense attention is what the same queries would have given every position. Recall is the part of it that lies on kept positions. Only tokens that see more than {k} positions count; the others look at everything.',
  },
  zh: {
    tag: 'zh-CN',
    title: '索引器保留了什么',
    other: 'English',
    topk: 'top-k',
    promptTokens: '个提示词元',
    generated: '个生成词元',
    sparse: '个稀疏',
    whatIf:
      '假设：回复是模型用自己的 top-k {own} 算出的；本页显示若按索引器分数只留前 {k} 个位置会怎样。',
    nothingSparse: '没有稀疏：被追踪的词元看到的位置都不超过 {k} 个，因此全部保留。',
    recall: '召回率',
    recallNote: '的稠密注意力落在保留的位置上',
    best: '最佳可能',
    bestNote: '任选 {k} 个位置最多能占的份额',
    window: '滑动窗口',
    windowNote: '最近 {k} 个位置占的份额',
    overlap: '重合',
    overlapNote: '的保留位置属于最佳 {k} 个',
    neverKept: '从未保留',
    neverKeptNote: '共 {n} 个位置，任何层都没有保留',
    map: '热图',
    rows: '行',
    byLayer: '层',
    byToken: '词元',
    layer: '层',
    allLayers: '全部',
    colour: '颜色',
    selection: '选择',
    kept: '保留',
    attention: '注意力',
    keptLegend: '保留；颜色越强注意力越多',
    gapLegend: '看到但未保留',
    missedLegend: '有注意力但未保留',
    partial: '热图显示前 {n} 个被追踪的词元；总计包含全部。',
    prompt: '提示',
    answer: '回答',
    position: '位置',
    token: '词元',
    notSeen: '看不到：在它之后',
    keptBy: '保留',
    attentionHere: '稠密注意力',
    text: '文本',
    textNote: '点击回答中的一个词元：它之前的文本按该词元保留的内容着色。再点一次显示全部。',
    cut: '只显示前 {n} 个词元。',
    recallByLayer: '各层召回率',
    recallByToken: '各词元召回率',
    recallByCount: '若索引器保留……时的召回率',
    worstHead: '直到最差的头',
    mean: '平均',
    positionsKept: '个位置',
    reading: '如何阅读',
    readingText:
      '对每个词元，索引器给之前所有位置打分并保留分数最高的；注意力只看这些位置。稠密注意力是同样的查询本会分给每个位置的份额。召回率是其中落在保留位置上的部分。只统计看到超过 {k} 个位置的词元；其余词元看到全部。',
  },
};
