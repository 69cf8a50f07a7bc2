// What the server does at this moment, renewed every second: figures, throughput, what runs and waits,
// memory and cache, how long things take, who computes.

import { texts } from '../../i18n/language.js';
import { Failure, Loading } from '../../ui/feedback.js';
import { EngineCards } from './engine-cards.js';
import { HealthCard } from './health-card.js';
import { LatencyCharts } from './latency-charts.js';
import { LiveFigures } from './live-figures.js';
import { RunningTable } from './running-table.js';
import { ThroughputCharts } from './throughput-charts.js';
import { useLive } from './use-live.js';
import './live.css';

const words = texts({
  en: { live: 'Renewed every second', away: 'Connection lost, trying again' },
  zh: { live: '每秒更新', away: '连接中断，正在重试' },
});

export function LivePage() {
  const t = words();
  const { report, points, isAway, problem } = useLive();
  if (problem !== undefined) return <Failure message={problem} />;
  if (!report) return <Loading />;
  return (
    <div class="console-section live">
      <p class={`live-state small ${isAway ? 'away' : ''}`} role="status">
        <span class="dot" aria-hidden="true" />
        {isAway ? t.away : t.live}
      </p>
      <LiveFigures report={report} points={points} />
      <ThroughputCharts points={points} at={report.at} />
      <RunningTable report={report} />
      <div class="live-cards">
        {report.engine && <EngineCards engine={report.engine} />}
        <HealthCard report={report} />
      </div>
      <LatencyCharts latency={report.latency} />
    </div>
  );
}
