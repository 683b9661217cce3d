import 'reflect-metadata';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraph } from '@tael/graphql';
import { Arg, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import {
  CaseStudy,
  DeprecatedProduct,
  Inventory,
  Product,
  ProductDimension,
  ProductResearch,
  ProductVariation,
  User,
} from './products.type';

// The suite asks for a version that it knows, and for a directive of the subgraph's own.
const LINK = `extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.3"
    import: [
      "@composeDirective", "@extends", "@external", "@key", "@inaccessible", "@interfaceObject", "@override", "@provides"
      "@requires", "@shareable", "@tag"
    ]
  )
  @link(url: "https://myspecs.dev/myCustomDirective/v1.0", import: ["@custom"])
  @composeDirective(name: "@custom")

directive @custom on OBJECT
`;

// The data that the suite prescribes.
const creator: User = {
  email: 'support@apollographql.com',
  name: 'Jane Smith',
  totalProductsCreated: 1337,
  yearsOfEmployment: 10,
};
const deprecated: DeprecatedProduct = {
  sku: 'apollo-federation-v1',
  package: '@apollo/federation-v1',
  reason: 'Migrate to Federation V2',
  createdBy: creator,
};
const research: ProductResearch[] = [
  { study: { caseNumber: '1234', description: 'Federation Study' } },
  { study: { caseNumber: '1235', description: 'Studio Study' } },
];
const dimensions: ProductDimension = { size: 'small', weight: 1, unit: 'kg' };
const products: Product[] = [
  {
    id: 'apollo-federation',
    sku: 'federation',
    package: '@apollo/federation',
    variation: { id: 'OSS' },
    dimensions,
    createdBy: creator,
    research: research.slice(0, 1),
  },
  {
    id: 'apollo-studio',
    sku: 'studio',
    package: '',
    variation: { id: 'platform' },
    dimensions,
    createdBy: creator,
    research: research.slice(1),
  },
];

@Resolver()
class ProductResolver {
  @Query(() => Product, { nullable: true })
  product(@Arg('id', () => ID) id: string): Product | null {
    return products.find((product) => product.id === id) ?? null;
  }

  @Query(() => DeprecatedProduct, { nullable: true, deprecationReason: 'Use product query instead' })
  deprecatedProduct(
    @Arg('sku', () => String) sku: string,
    @Arg('package', () => String) name: string,
  ): DeprecatedProduct | null {
    return sku === deprecated.sku && name === deprecated.package ? deprecated : null;
  }
}

@Resolver(() => User)
class UserResolver {
  @FieldResolver(() => String, { nullable: true })
  name(@Root() { email }: User): string | null {
    return email === creator.email ? 'Jane Smith' : null;
  }

  @FieldResolver(() => Number, { nullable: true })
  averageProductsCreatedPerYear(@Root() { totalProductsCreated, yearsOfEmployment }: User): number | null {
    return totalProductsCreated ? Math.round(totalProductsCreated / yearsOfEmployment) : null;
  }
}

const findProduct = ({ id, sku, package: name, variation }: Partial<Product>): Product | undefined =>
  products.find((product) => {
    if (id) return product.id === id;
    return product.sku === sku && (name ? product.package === name : product.variation?.id === variation?.id);
  });

type Reference = { id: string } & Record<string, any>;

/** The products subgraph that the suite prescribes, built as every subgraph of the house is. */
export function productsSubgraph(): ReturnType<typeof buildSubgraph> {
  return buildSubgraph({
    link: LINK,
    resolvers: [ProductResolver, UserResolver],
    orphanedTypes: [CaseStudy, Inventory, ProductDimension, ProductResearch, ProductVariation, User],
    container: new Map<Function, unknown>([
      [ProductResolver, new ProductResolver()],
      [UserResolver, new UserResolver()],
    ]),
    references: {
      Product: (reference: Reference) => findProduct(reference),
      DeprecatedProduct: () => deprecated,
      ProductResearch: ({ study }: Reference) => research.find((one) => one.study.caseNumber === study.caseNumber),
      User: (reference: Reference) => reference,
      Inventory: ({ id }: Reference) => ({ id, deprecatedProducts: [deprecated] }),
    },
  });
}

/** Serves the subgraph to whoever asks: the suite signs nothing. */
export async function serveProducts(): Promise<{ url: string; sdl: string; stop(): Promise<void> }> {
  const { schema, sdl } = productsSubgraph();
  const server = new ApolloServer({
    schema,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
  });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
  return { url, sdl, stop: () => server.stop() };
}
