// Models: what is loaded and what it takes, the files that could be, and what is being fetched.

import type { EngineInfo, ModelFolder, PullInfo } from '../../../../src/web/models-wire.js';
import { Failure, Loading } from '../../ui/feedback.js';
import { LoadedCard } from './loaded-card.js';
import { FilesTable } from './files-table.js';
import { PullSection } from './pull-section.js';
import { usePoll } from './use-poll.js';
import './models.css';

const BASE = '/web/v1';

export function ModelsPage() {
  const engine = usePoll<EngineInfo>(`${BASE}/engine`, (info) =>
    info?.state === 'exchanging' ? 400 : 3000,
  );
  const isOurs = engine.value?.kind === 'engine';
  const folder = usePoll<ModelFolder>(`${BASE}/models`, () => 10_000);
  const pulls = usePoll<PullInfo[]>(`${BASE}/pulls`, (jobs) =>
    jobs?.some(({ ended_at }) => ended_at === null) ? 700 : 10_000,
  );
  if (!engine.value) {
    return engine.problem === undefined ? (
      <Loading />
    ) : (
      <Failure message={engine.problem} onRetry={engine.refresh} />
    );
  }
  const onEngine = (info: EngineInfo) => {
    engine.set(info);
    engine.refresh();
    folder.refresh();
  };
  return (
    <>
      <LoadedCard info={engine.value} problem={engine.problem} onChange={onEngine} />
      {isOurs && folder.value && (
        <FilesTable
          folder={folder.value}
          engine={engine.value}
          onEngine={onEngine}
          onChange={folder.refresh}
        />
      )}
      {isOurs && (
        <PullSection
          folder={folder.value}
          jobs={pulls.value ?? []}
          onChange={pulls.refresh}
          onDone={folder.refresh}
        />
      )}
    </>
  );
}
