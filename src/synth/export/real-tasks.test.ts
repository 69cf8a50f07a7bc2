// Tasks of every family through every format. A thousand of them: real-tasks.slow.test.ts.

import { testRoundTrips } from '../../../test/helpers/export-round-trip.js';

await testRoundTrips({ numEnvironments: 6, tasksEach: 30 });
