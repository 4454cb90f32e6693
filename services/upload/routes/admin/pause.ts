/** POST /admin/queue/pause and /resume: whether a render may begin. */
import { z } from 'zod';
import type { Door, Route } from '../../door.ts';
import { problem } from '../../problem.ts';

export const queueView = z.object({ paused: z.boolean() }).meta({ id: 'Queue' });

export const pauseQueue: Route = (door) => async (server) => {
  const schema = { tags: ['operator'], response: { 200: queueView, '4xx': problem, '5xx': problem } };

  server.post('/admin/queue/pause', {
    schema: {
      ...schema,
      summary: 'Begin no more renders',
      description: 'Dead letters too. What is being rendered is finished; uploads are still taken. Can be repeated.',
    },
    handler: async ({ log }) => {
      await door.transcode.pause();
      await door.deadLetter.pause();
      log.info('the operator pauses the queue');
      return stateOf(door);
    },
  });

  server.post('/admin/queue/resume', {
    schema: { ...schema, summary: 'Render again', description: 'Can be repeated.' },
    handler: async ({ log }) => {
      // The main queue says whether the house is paused: first to stop, last to go on, so that a crash in between shows.
      await door.deadLetter.resume();
      await door.transcode.resume();
      log.info('the operator resumes the queue');
      return stateOf(door);
    },
  });
};

const stateOf = async ({ transcode }: Door) => ({ paused: await transcode.isPaused() });
