/** What a render is told where the operator has set nothing. */
import { readConfig } from '../../shared/config.ts';

export const settings = readConfig({}).render;
