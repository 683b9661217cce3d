import 'reflect-metadata';
import { join } from 'node:path';
import { emitSchema } from '@tael/graphql';
import { notificationsSchema } from './schema';

emitSchema(notificationsSchema().sdl, join(__dirname, '..', 'schema.graphql'));
