import { Arg, Field, Mutation, ObjectType, Query, registerEnumType, Resolver } from 'type-graphql';
import { ForPartners, showToPartners, UserErrorType } from './index';
import { buildSubgraph } from './subgraph';

enum Shown {
  ONE = 'ONE',
}
enum Hidden {
  ONE = 'ONE',
}
registerEnumType(Shown, { name: 'ShownEnum' });
registerEnumType(Hidden, { name: 'HiddenEnum' });
showToPartners('ShownEnum', 'EnumOfAnotherSubgraph');

@ObjectType()
class Thing {
  @ForPartners()
  @Field(() => Shown)
  shown: Shown;

  @Field(() => Hidden)
  hidden: Hidden;

  @Field(() => Date)
  at: Date;
}

@Resolver()
class ThingResolver {
  @ForPartners()
  @Query(() => Thing)
  thing(): Thing {
    throw new Error('is not called');
  }

  @Mutation(() => UserErrorType)
  change(@ForPartners() @Arg('of', () => String) of: string, @Arg('by', () => String) by: string): UserErrorType {
    throw new Error(`is not called with ${of} ${by}`);
  }
}

it('the SDL has the marks for partners where they were set, and nowhere else', () => {
  const { sdl } = buildSubgraph({ resolvers: [ThingResolver], container: new Map<Function, unknown>() });
  const marked = sdl.split('\n').filter((line) => line.includes('@tag(name: "partner")')).map((line) => line.trim());
  expect(marked.sort()).toEqual([
    'change(by: String!, of: String! @tag(name: "partner")): UserError!',
    'enum ShownEnum @tag(name: "partner") {',
    'enum UserErrorCode @tag(name: "partner") {',
    'scalar DateTime @tag(name: "partner")',
    'shown: ShownEnum! @tag(name: "partner")',
    'thing: Thing! @tag(name: "partner")',
    'type UserError @shareable @tag(name: "partner") {',
  ]);
});
