using Governance.Gateway.Identity;
using Governance.Gateway.Identity.Development;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Governance.Gateway.Tests.Identity;

public sealed class IdentitySettingsTests
{
    [Fact]
    public void Start_OutsideDevelopmentWithoutIssuer_IsRefusedNamingTheKey()
    {
        using var folder = new TempFolder();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });

        var refused = Assert.Throws<StartupRefusedException>(() => builder.AddGovernanceIdentity(folder.Path));

        Assert.StartsWith("Identity:Issuer is not set.", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Read_EveryFault_IsNamed()
    {
        var message = Assert.Throws<StartupRefusedException>(() => Read(("Identity:Issuer", "not a uri"), ("Identity:Jwks", "http://keys.example"))).Message;

        Assert.Contains("Identity:Issuer must", message, StringComparison.Ordinal);
        Assert.Contains("Identity:Audience must", message, StringComparison.Ordinal);
        Assert.Contains("Identity:Jwks must", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Configured()
    {
        var settings = Read(("Identity:Issuer", "https://issuer.example"), ("Identity:Audience", "a"), ("Identity:Jwks", "https://issuer.example/jwks"));

        Assert.Equal("https://issuer.example", settings!.Issuer);
    }

    [Theory]
    [InlineData("urls", "http://0.0.0.0:5000")]
    [InlineData("urls", "http://localhost:5000;http://*:5001")]
    [InlineData("urls", "http://+:5000")]
    [InlineData("urls", "http://bank.example:5000")]
    [InlineData("urls", "http://[::]:5000")]
    [InlineData("http_ports", "8080")]
    [InlineData("Kestrel:Endpoints:Http:Url", "http://10.0.0.1:5000")]
    public void Start_DevelopmentListeningElsewhere_IsRefused(string key, string value) =>
        Assert.Throws<StartupRefusedException>(() => LoopbackOnly.CheckConfiguration(Configuration((key, value))));

    [Theory]
    [InlineData("http://localhost:5000")]
    [InlineData("http://127.0.0.1:0;http://[::1]:5000")]
    [InlineData("")]
    public void Start_DevelopmentOnLoopback_IsAllowed(string urls) => LoopbackOnly.CheckConfiguration(Configuration(("urls", urls)));

    [Fact]
    public void DevelopmentKey_IsPrivateAndKept()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Unix file modes");
            return;
        }

        using var folder = new TempFolder();
        using var first = DevelopmentKey.OpenOrCreate(folder.Path);
        using var second = DevelopmentKey.OpenOrCreate(folder.Path);
        var path = Path.Combine(folder.Path, "identity", "development-issuer.pem");

        Assert.Equal(first.ExportSubjectPublicKeyInfo(), second.ExportSubjectPublicKeyInfo());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));

        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Throws<StartupRefusedException>(() => DevelopmentKey.OpenOrCreate(folder.Path));
    }

    private static IdentitySettings? Read(params (string Key, string Value)[] values) => IdentitySettings.Read(Configuration(values), isDevelopment: true);

    private static IConfiguration Configuration(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build();
}
