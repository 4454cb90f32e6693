/** What tests render with, unless they are about a setting: what the operator gets who sets nothing, but faster. */
import { readConfig } from '../../shared/config.ts';

export const settings = readConfig({ QUALITY: 'fast' }).render;
