namespace Governance.Policy.Cel;

/// <summary>
/// Assignability with type parameters. Where two types only agree when one of them is dynamic, the parameter takes the more general one,
/// so that <c>[[], [1]]</c> is a list of lists of int. Not thread-safe: one per check.
/// </summary>
internal sealed class TypeUnifier
{
    private Dictionary<string, CelType> substitutions = new(StringComparer.Ordinal);
    private int fresh;

    public CelType Fresh() => CelType.Parameter("%" + fresh++.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public bool Assignable(CelType from, CelType to) => Assignable([from], [to]);

    /// <summary>Whether each type fits its counterpart; keeps the substitutions only when all do.</summary>
    public bool Assignable(IReadOnlyList<CelType> from, IReadOnlyList<CelType> to)
    {
        var before = new Dictionary<string, CelType>(substitutions, StringComparer.Ordinal);
        if (from.Count == to.Count && from.Zip(to).All(p => Unify(p.First, p.Second)))
        {
            return true;
        }

        substitutions = before;
        return false;
    }

    /// <summary>The common type of two: the more general when one fits the other, else dynamic.</summary>
    public CelType Join(CelType? previous, CelType current) =>
        previous is null ? current : Assignable(previous, current) ? MoreGeneral(previous, current) : CelType.Dyn;

    /// <summary>The type with its parameters replaced; parameters nothing is known about become dynamic when asked.</summary>
    public CelType Substitute(CelType type, bool toDyn)
    {
        if (type.Kind == CelTypeKind.Parameter)
        {
            return substitutions.TryGetValue(type.Name, out var found) ? Substitute(found, toDyn) : toDyn ? CelType.Dyn : type;
        }

        return type.Parameters.Count == 0 ? type : type.With([.. type.Parameters.Select(p => Substitute(p, toDyn))]);
    }

    public static bool Same(CelType left, CelType right) =>
        ReferenceEquals(left, right)
        || (left.Kind == right.Kind && left.Name == right.Name && left.Parameters.Count == right.Parameters.Count
            && left.Parameters.Zip(right.Parameters).All(p => Same(p.First, p.Second)));

    private static CelType MoreGeneral(CelType left, CelType right) => LessSpecific(left, right) ? left : right;

    private static bool LessSpecific(CelType left, CelType right)
    {
        if (left.Kind is CelTypeKind.Dyn or CelTypeKind.Parameter)
        {
            return true;
        }

        if (right.Kind is CelTypeKind.Dyn or CelTypeKind.Parameter or CelTypeKind.Null && left.Kind != right.Kind)
        {
            return right.Kind == CelTypeKind.Null;
        }

        return left.Kind == right.Kind && left.Name == right.Name && left.Parameters.Count == right.Parameters.Count
            && left.Parameters.Zip(right.Parameters).All(p => LessSpecific(p.First, p.Second));
    }

    private bool Unify(CelType left, CelType right)
    {
        if (right.Kind == CelTypeKind.Parameter)
        {
            var (valid, known) = Bind(left, right);
            if (valid || known)
            {
                return valid;
            }
        }

        if (left.Kind == CelTypeKind.Parameter)
        {
            return Bind(right, left).Valid;
        }

        if (left.Kind == CelTypeKind.Dyn || right.Kind == CelTypeKind.Dyn)
        {
            return true;
        }

        if (left.Kind == CelTypeKind.Null || right.Kind == CelTypeKind.Null)
        {
            return TakesNull(left.Kind == CelTypeKind.Null ? right : left);
        }

        if (left.Kind == CelTypeKind.Wrapper || right.Kind == CelTypeKind.Wrapper)
        {
            return Unify(Unwrap(left), Unwrap(right));
        }

        if (left.Kind == CelTypeKind.Record && right.Kind == CelTypeKind.Map)
        {
            return UnifyRecord(left, right);
        }

        if (left.Kind == CelTypeKind.Map && right.Kind == CelTypeKind.Record)
        {
            return UnifyRecord(right, left);
        }

        return left.Kind == right.Kind
            && (left.Kind == CelTypeKind.Type || (left.Name == right.Name && left.Parameters.Count == right.Parameters.Count
                && left.Parameters.Zip(right.Parameters).All(p => Unify(p.First, p.Second))));
    }

    private bool UnifyRecord(CelType record, CelType map) =>
        Unify(CelType.String, map.Parameters[0]) && Unify(record.OtherFields ?? CelType.Dyn, map.Parameters[1]);

    private (bool Valid, bool Known) Bind(CelType type, CelType parameter)
    {
        if (Same(type, parameter))
        {
            return (true, true);
        }

        if (substitutions.TryGetValue(parameter.Name, out var known))
        {
            if (Same(type, known))
            {
                return (true, true);
            }

            if (!Unify(type, known))
            {
                return (false, true);
            }

            var general = MoreGeneral(type, known);
            if (!Occurs(parameter, general))
            {
                substitutions[parameter.Name] = general;
            }

            return (true, true);
        }

        if (Occurs(parameter, type))
        {
            return (false, false);
        }

        substitutions[parameter.Name] = type;
        return (true, false);
    }

    private bool Occurs(CelType parameter, CelType type) =>
        type.Kind == CelTypeKind.Parameter
            ? type.Name == parameter.Name || (substitutions.TryGetValue(type.Name, out var found) && Occurs(parameter, found))
            : type.Parameters.Any(p => Occurs(parameter, p));

    private static CelType Unwrap(CelType type) => type.Kind == CelTypeKind.Wrapper ? type.Parameters[0] : type;

    private static bool TakesNull(CelType type) =>
        type.Kind is CelTypeKind.Null or CelTypeKind.Opaque or CelTypeKind.Wrapper or CelTypeKind.Timestamp or CelTypeKind.Duration or CelTypeKind.Record;
}
