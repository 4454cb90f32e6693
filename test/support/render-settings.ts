/** What tests render with, unless they are about a setting. */
import { findSandbox } from '../../services/transcoder/find-sandbox.ts';
import type { RenderSettings } from '../../services/transcoder/rendering.ts';
import { createLogger } from '../../shared/logger.ts';

export const settings: RenderSettings = {
  quality: 'fast',
  // What this machine allows, as in the house.
  sandbox: await findSandbox('auto', createLogger('test', { logLevel: 'silent' })),
};
