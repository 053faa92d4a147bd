import { liveOrdersSuite } from './suite.ts';
import { urqlShop } from './urql-shop.ts';

liveOrdersSuite('urql', urqlShop);
