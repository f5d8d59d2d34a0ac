import { setting, systemClock } from '@ebb/core';

import { defineWorker, serve } from '../../../index.ts';

serve(
  defineWorker('ticker', {
    outboxes: true,
    settings: {
      FAIL: setting.flag({ description: 'whether the worker fails at once', default: false }),
      TOKEN: setting.secret({ description: 'what it signs with' }),
    },
    async run({ config, signal, ready }) {
      if (config.FAIL) throw new Error('out of order');
      await systemClock.sleep(100);
      ready();
      await systemClock.sleep(600_000, signal).catch(() => undefined);
    },
  }),
);
