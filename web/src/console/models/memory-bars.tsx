// Where the memory is: of the machine, of running replies, and of the context cache.

import type { EngineMemory } from '../../../../src/web/models-wire.js';
import { formatBytes } from '../../i18n/format.js';
import { modelWords } from './model-words.js';

export function MemoryBars({ memory, isLoaded }: { memory: EngineMemory; isLoaded: boolean }) {
  const t = modelWords();
  const { total_bytes: total, available_bytes: available, resident_bytes: resident } = memory;
  const others = Math.max(0, total - available - (resident ?? 0));
  return (
    <div class="memory">
      <Bar
        label={t.memory}
        value={t.of(formatBytes(total - available), formatBytes(total))}
        parts={[
          { name: t.engineProcess, bytes: resident ?? 0, kind: 'engine' },
          { name: t.otherMemory, bytes: others, kind: 'others' },
        ]}
        total={total}
      />
      {isLoaded && memory.kv_budget_bytes !== null && (
        <Bar
          label={t.kv}
          value={t.of(formatBytes(memory.kv_bytes ?? 0), formatBytes(memory.kv_budget_bytes))}
          parts={[{ name: t.kvUsed, bytes: memory.kv_bytes ?? 0, kind: 'kv' }]}
          total={memory.kv_budget_bytes}
        />
      )}
      <p class="memory-notes small soft">
        {memory.weights_bytes !== null && (
          <span>{t.weights(formatBytes(memory.weights_bytes))}</span>
        )}
        {memory.cache_ram_bytes !== null && (
          <span>
            {t.cache(
              formatBytes(memory.cache_ram_bytes),
              memory.cache_disk_bytes === null ? null : formatBytes(memory.cache_disk_bytes),
            )}
          </span>
        )}
      </p>
    </div>
  );
}

interface Part {
  name: string;
  bytes: number;
  kind: 'engine' | 'others' | 'kv';
}

interface BarProps {
  label: string;
  value: string;
  parts: readonly Part[];
  total: number;
}

function Bar({ label, value, parts, total }: BarProps) {
  return (
    <div class="memory-bar">
      <div class="row spread">
        <strong>{label}</strong>
        <span class="numbers soft">{value}</span>
      </div>
      <div class="memory-track" role="img" aria-label={`${label}: ${value}`}>
        {parts.map(({ name, bytes, kind }) => (
          <span
            key={kind}
            class={kind}
            title={`${name}: ${formatBytes(bytes)}`}
            style={{ width: `${(100 * bytes) / total}%` }}
          />
        ))}
      </div>
      <ul class="memory-legend small">
        {parts.map(({ name, bytes, kind }) => (
          <li key={kind}>
            <i class={kind} aria-hidden="true" />
            {name} <span class="numbers soft">{formatBytes(bytes)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
