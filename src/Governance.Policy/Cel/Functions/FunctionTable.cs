namespace Governance.Policy.Cel;

/// <summary>All functions of an environment by name. Built once, then read-only.</summary>
internal sealed class FunctionTable
{
    private readonly Dictionary<string, List<CelOverload>> byName = new(StringComparer.Ordinal);

    public IEnumerable<string> Names => byName.Keys;

    /// <summary>The standard functions and all extensions.</summary>
    public static FunctionTable Standard()
    {
        var table = new FunctionTable();
        Operators.Declare(table);
        Conversions.AddTo(table);
        StringFunctions.AddTo(table);
        TimeFunctions.AddTo(table);
        MathFunctions.AddTo(table);
        OptionalFunctions.AddTo(table);
        EncoderFunctions.AddTo(table);
        NetworkFunctions.AddTo(table);
        return table;
    }

    public IReadOnlyList<CelOverload> Find(string name) => byName.TryGetValue(name, out var overloads) ? overloads : [];

    public bool Contains(string name) => byName.ContainsKey(name);

    public void Add(CelOverload overload)
    {
        if (!byName.TryGetValue(overload.Function, out var overloads))
        {
            byName.Add(overload.Function, overloads = []);
        }

        overloads.Add(overload);
    }

    public void Declare(string name, CelType result, params CelType[] parameters) => Add(new CelOverload(name, isMember: false, parameters, result, null));

    public void Global(string name, CelType result, CelType parameter, CelUnaryFunction implementation) =>
        Add(new CelOverload(name, isMember: false, [parameter], result, implementation));

    public void Global(string name, CelType result, CelType first, CelType second, CelBinaryFunction implementation) =>
        Add(new CelOverload(name, isMember: false, [first, second], result, implementation));

    public void Global(string name, CelType result, IReadOnlyList<CelType> parameters, CelNaryFunction implementation) =>
        Add(new CelOverload(name, isMember: false, parameters, result, implementation));

    public void Member(string name, CelType result, CelType receiver, CelUnaryFunction implementation) =>
        Add(new CelOverload(name, isMember: true, [receiver], result, implementation));

    public void Member(string name, CelType result, CelType receiver, CelType argument, CelBinaryFunction implementation) =>
        Add(new CelOverload(name, isMember: true, [receiver, argument], result, implementation));

    public void Member(string name, CelType result, IReadOnlyList<CelType> parameters, CelNaryFunction implementation) =>
        Add(new CelOverload(name, isMember: true, parameters, result, implementation));
}
