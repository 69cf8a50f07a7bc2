// The request log, or the trace of the request that the address names.

import { useLocation } from 'preact-iso';
import { RequestLog } from './request-log.js';
import { TraceView } from './trace-view.js';
import './requests.css';

export function RequestsPage() {
  const { path } = useLocation();
  const [, , , traceId = ''] = path.split('/');
  return traceId === '' ? <RequestLog /> : <TraceView traceId={traceId} key={traceId} />;
}
