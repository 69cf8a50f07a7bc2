// What a side of a comparison is called: the model, and whether it thinks.

import type { ConversationSettings } from '../../../src/web/wire.js';
import { modelName } from '../chat/model-choice.js';
import { texts } from '../i18n/language.js';

const words = texts({
  en: { thinking: 'thinking', direct: 'no thinking' },
  zh: { thinking: '思考', direct: '不思考' },
});

export function sideName({ model, thinking }: ConversationSettings): string {
  const name = modelName(model);
  if (model === 'speciale') return name;
  return `${name} · ${thinking ? words().thinking : words().direct}`;
}
