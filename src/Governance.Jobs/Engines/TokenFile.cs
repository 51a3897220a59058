namespace Governance.Jobs.Engines;

/// <summary>A token in a file of its own, read at each request, so that it may be renewed. Never logged.</summary>
internal static class TokenFile
{
    /// <param name="what">Whose token it is, for the message: <c>Ray's token</c>.</param>
    /// <exception cref="EngineException">The file cannot be read.</exception>
    public static async Task<string> ReadAsync(string path, string what, CancellationToken cancellationToken)
    {
        try
        {
            return (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException(EngineFault.Refused, $"The file of {what} cannot be read.", e);
        }
    }
}
