// The files that may be loaded, with what their headers say; load, delete, and folders to convert.

import { Play, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';
import type { EngineInfo, ModelFileInfo, ModelFolder } from '../../../../src/web/models-wire.js';
import { call, messageOf } from '../../api/http.js';
import { formatBytes, formatNumber } from '../../i18n/format.js';
import { Button, IconButton } from '../../ui/button.js';
import { CopyButton } from '../../ui/copy-button.js';
import { Confirm } from '../../ui/dialog.js';
import { toast } from '../../ui/toasts.js';
import { LoadDialog } from './load-dialog.js';
import { compactCount, storageText } from './model-figures.js';
import { modelWords } from './model-words.js';

export interface FilesTableProps {
  folder: ModelFolder;
  engine: EngineInfo;
  onEngine: (info: EngineInfo) => void;
  onChange: () => void;
}

export function FilesTable({ folder, engine, onEngine, onChange }: FilesTableProps) {
  const t = modelWords();
  const [toLoad, setToLoad] = useState<ModelFileInfo>();
  const [toDelete, setToDelete] = useState<ModelFileInfo>();
  const remove = async ({ id, name }: ModelFileInfo) => {
    try {
      const path = id.split('/').map(encodeURIComponent).join('/');
      await call(`/web/v1/models/${path}`, { method: 'DELETE' });
      toast(t.deleted(name));
      onChange();
    } catch (error) {
      toast(messageOf(error));
    }
  };
  return (
    <section class="console-section" aria-labelledby="files-heading">
      <h2 id="files-heading">{t.files}</h2>
      <div class="card table-scroll">
        <table class="table model-files">
          <thead>
            <tr>
              <th>{t.name}</th>
              <th class="number">{t.size}</th>
              <th>{t.storage}</th>
              <th class="number">{t.parameters}</th>
              <th class="number">{t.context}</th>
              <th class="number">top-k</th>
              <th>
                <span class="visually-hidden">{t.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {folder.files.map((file) => (
              <FileRow
                key={file.id}
                file={file}
                isBusy={engine.state === 'exchanging'}
                onLoad={() => setToLoad(file)}
                onDelete={() => setToDelete(file)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {folder.checkpoints.map(({ name, path, bytes }) => (
        <div key={name} class="card padded checkpoint">
          <p>
            <strong>{name}</strong> <span class="soft">{formatBytes(bytes)}</span>
          </p>
          <p class="soft small">{t.checkpoint}</p>
          <p class="row">
            <code class="grow">{convertCommand(path)}</code>
            <CopyButton text={() => convertCommand(path)} />
          </p>
        </div>
      ))}
      {toLoad && (
        <LoadDialog file={toLoad} onStarted={onEngine} onClose={() => setToLoad(undefined)} />
      )}
      {toDelete && (
        <Confirm
          title={t.deleteTitle(toDelete.name)}
          action={t.delete}
          danger
          onConfirm={() => void remove(toDelete)}
          onClose={() => setToDelete(undefined)}
        >
          <p>{t.deleteText(formatBytes(toDelete.bytes))}</p>
        </Confirm>
      )}
    </section>
  );
}

interface FileRowProps {
  file: ModelFileInfo;
  isBusy: boolean;
  onLoad: () => void;
  onDelete: () => void;
}

function FileRow({ file, isBusy, onLoad, onDelete }: FileRowProps) {
  const t = modelWords();
  const { summary, problem, loaded } = file;
  const origin = file.id === 'embedded' ? t.embedded : file.id === 'start' ? t.atStart : undefined;
  return (
    <tr>
      <td class="file-name">
        <strong>{file.name}</strong> {origin !== undefined && <span class="badge">{origin}</span>}
        {problem !== null && <p class="problem small">{problem}</p>}
      </td>
      <td class="number">{formatBytes(file.bytes)}</td>
      <td>{summary ? storageText(summary) : '–'}</td>
      <td class="number">{summary ? compactCount(summary.parameters) : '–'}</td>
      <td class="number">{summary ? formatNumber(summary.context_length) : '–'}</td>
      <td class="number">{summary?.dsa ? formatNumber(summary.dsa.top_k) : '–'}</td>
      <td>
        <div class="row file-actions">
          {loaded ? (
            <span class="badge good">{t.isLoaded}</span>
          ) : (
            <Button
              size="small"
              icon={Play}
              disabled={problem !== null || isBusy}
              aria-label={t.loadName(file.name)}
              onClick={onLoad}
            >
              {t.load}
            </Button>
          )}
          {file.removable && (
            <IconButton
              size="small"
              icon={Trash2}
              label={t.deleteName(file.name)}
              disabled={loaded || isBusy}
              onClick={onDelete}
            />
          )}
        </div>
      </td>
    </tr>
  );
}

function convertCommand(path: string): string {
  return `hadal convert ${path} ${path}/model.gguf --type q8_0`;
}
