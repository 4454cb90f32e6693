/** DELETE /admin/dead-letters/:id */
import { z } from 'zod';
import { Refusal } from '../../../../shared/errors.ts';
import { dropDeadLetter, readDeadLetter } from '../../../../shared/ledger/dead-letters.ts';
import { currentEpoch } from '../../../../shared/ledger/epoch.ts';
import type { Route } from '../../door.ts';
import { recovering } from '../../missing.ts';
import { problem } from '../../problem.ts';
import { removeLastTry } from './last-try.ts';

export const dropLetter: Route = (door) => async (server) => {
  server.delete('/admin/dead-letters/:id', {
    schema: {
      summary: 'Drop a dead letter',
      description:
        'Its upload stays failed, and its original until it expires. Can be repeated. After a loss of the index the dead ' +
        'letter is there again: the storage knows only that the upload has failed.',
      tags: ['operator'],
      params: z.object({ id: z.string() }),
      response: { 204: z.null(), '4xx': problem, '5xx': problem },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      if ((await currentEpoch(door.ledger)) === undefined) throw recovering();
      const letter = await readDeadLetter(door.ledger, id);
      if ((await dropDeadLetter(door.ledger, id)) === 'last-try') {
        throw new Refusal(409, 'Its last try is still to come, or runs. Drop it when that has failed.');
      }
      if (letter) {
        await removeLastTry(door, letter);
        request.log.info({ batch: letter.batch, upload: letter.upload }, 'the operator drops a dead letter');
      }
      return reply.code(204).send(null);
    },
  });
};
