import 'reflect-metadata';
import { emitSchema } from '@tael/graphql';
import { join } from 'node:path';
import { merchantsSubgraph } from './app';

emitSchema(merchantsSubgraph().sdl, join(__dirname, '../schema.graphql'));
