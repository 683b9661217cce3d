import 'reflect-metadata';
import { emitSchema } from '@tael/graphql';
import { join } from 'node:path';
import { __nameVar__Subgraph } from './app';

emitSchema(__nameVar__Subgraph().sdl, join(__dirname, '../schema.graphql'));
