/** What tests render with, unless they are about a setting: what the operator gets who sets nothing, but faster. */
import type { TestOptions } from 'vitest';
import { findSandbox } from '../../services/transcoder/find-sandbox.ts';
import type { RenderSettings } from '../../services/transcoder/rendering.ts';
import { readConfig } from '../../shared/config.ts';
import { createLogger } from '../../shared/logger.ts';

export const settings: RenderSettings = {
  ...readConfig({ QUALITY: 'fast' }).render,
  // What this machine allows, as in the house.
  sandbox: await findSandbox('auto', createLogger('test', { logLevel: 'silent' })),
};

/** See needs.ts. */
export const needsBwrap: TestOptions =
  settings.sandbox.kind === 'bwrap'
    ? {}
    : { skip: true, meta: { needs: 'bubblewrap, and a kernel that lets it work' } };
