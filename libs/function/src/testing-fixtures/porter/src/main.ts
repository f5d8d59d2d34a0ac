import { once } from 'node:events';
import { createServer } from 'node:http';

import { defineWorker, serve } from '../../../index.ts';

serve(
  defineWorker('porter', {
    listens: { public: true },
    catalogue: true,
    services: true,
    async run({ config, listen, signal, ready }) {
      const server = createServer((_request, response) => {
        response.end(JSON.stringify({ catalogue: config.CATALOGUE_FILE, services: config.SERVICES_URL }));
      }).listen(listen.port, listen.host);
      await once(server, 'listening');
      ready();
      if (!signal.aborted) await once(signal, 'abort');
      server.close();
    },
  }),
);
