// A thousand tasks of every family through every format.

import { testRoundTrips } from '../../../test/helpers/export-round-trip.js';

await testRoundTrips({ numEnvironments: 20, tasksEach: 50 });
