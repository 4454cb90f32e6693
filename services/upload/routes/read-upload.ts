/** GET /v1/uploads/:id */
import { z } from 'zod';
import { readUpload as readEntry } from '../../../shared/ledger/read.ts';
import type { Route } from '../door.ts';
import { missing, noSuchUpload } from '../missing.ts';
import { problem } from '../problem.ts';
import { uploadView, viewUpload } from '../views.ts';

export const readUpload: Route = (door) => async (server) => {
  server.get('/v1/uploads/:id', {
    schema: {
      summary: 'An upload: state, place in the queue, progress, variants',
      tags: ['uploads'],
      params: z.object({ id: z.string() }),
      response: { 200: uploadView, '4xx': problem, '5xx': problem },
    },
    handler: async (request) => {
      const upload = await readEntry(door.ledger, request.params.id);
      if (!upload) throw await missing(door, noSuchUpload(request.params.id));
      return viewUpload(upload);
    },
  });
};
