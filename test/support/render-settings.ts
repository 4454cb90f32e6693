/** What tests render with, unless they are about a setting. */
import type { RenderSettings } from '../../services/transcoder/rendering.ts';

export const settings: RenderSettings = { quality: 'fast' };
