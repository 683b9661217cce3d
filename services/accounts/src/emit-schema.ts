import 'reflect-metadata';
import { join } from 'node:path';
import { emitSchema } from '@tael/graphql';
import { accountsSchema } from './schema';

emitSchema(accountsSchema(new Map()).sdl, join(__dirname, '..', 'schema.graphql'));
