import { describeEventStore } from '../contract.ts';
import { openMemoryStore } from './memory.ts';

describeEventStore('memory', { open: openMemoryStore });
