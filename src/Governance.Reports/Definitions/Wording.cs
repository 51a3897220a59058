namespace Governance.Reports.Definitions;

/// <summary>The texts of one section, with the placeholders of the report filled in. Immutable.</summary>
public sealed class Wording(IReadOnlyDictionary<string, string> texts, Func<string, string> placeholder)
{
    /// <param name="key">Declared by the section, so the definition was checked to have it.</param>
    /// <param name="values">The key's own placeholders.</param>
    public string Text(string key, params ReadOnlySpan<(string Name, string Value)> values)
    {
        var own = values.ToArray();
        return Template.Fill(texts[key], name =>
        {
            foreach (var (n, v) in own)
            {
                if (n == name)
                {
                    return v;
                }
            }

            return placeholder(name);
        });
    }
}
