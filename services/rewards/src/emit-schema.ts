import 'reflect-metadata';
import { emitSchema } from '@tael/graphql';
import { join } from 'node:path';
import { rewardsSubgraph } from './subgraph';

emitSchema(rewardsSubgraph().sdl, join(__dirname, '../schema.graphql'));
